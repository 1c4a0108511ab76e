package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.InboundMessage;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Media;
import dev.handoff.model.MessageId;
import dev.handoff.model.Structured;
import dev.handoff.twilio.TwilioWebhook.Refusal;
import dev.handoff.twilio.TwilioWebhook.Refused;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TwilioWebhooksTest {

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String URL = "https://bot.example.com/webhooks/twilio";

    private final TwilioWebhooks webhooks = TwilioWebhooks.of(TwilioSettings.builder()
            .accountSid(Payloads.ACCOUNT)
            .authTokens("the-next-token", Payloads.TOKEN)
            .publicUrl("https://bot.example.com")
            .build());

    @ParameterizedTest
    @MethodSource("dev.handoff.twilio.Payloads#inbound")
    void a_message_keeps_its_text_addresses_and_every_parameter(Payloads.Payload payload) {
        InboundMessage message = inbound(payload.request());

        assertThat(message.address())
                .isEqualTo(new ConversationAddress(
                        "default",
                        "twilio",
                        payload.params().get("To"),
                        payload.params().get("From")));
        assertThat(message.providerMessageId()).isEqualTo(payload.params().get("MessageSid"));
        assertThat(message.content().text()).isEqualTo(payload.params().get("Body"));
        assertThat(message.content().media())
                .hasSize(Integer.parseInt(payload.params().get("NumMedia")));
        assertThat(message.customerName()).isEqualTo(payload.params().get("ProfileName"));
        assertThat(Structured.without(message.fields())).isEqualTo(payload.params());
    }

    @Test
    void several_files_keep_their_order_and_types() {
        InboundMessage message = inbound(Payloads.named("mms-three-media").request());

        assertThat(message.content().media())
                .extracting(Media::contentType)
                .containsExactly("image/jpeg", "image/png", "video/mp4");
        assertThat(message.content().media().get(2).url())
                .isEqualTo(Payloads.named("mms-three-media").params().get("MediaUrl2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "99", "0", "-1", "", "2147483648"})
    void a_wrong_count_of_files_loses_none_and_invents_none(String count) {
        Map<String, String> params = text("foto");
        params.put("NumMedia", count);
        params.put("MediaUrl10", "https://a.example/10");
        params.put("MediaUrl2", "https://a.example/2");
        params.put("MediaContentType2", "image/png");
        params.put("MediaUrl3", "");

        InboundMessage message = inbound(signed(URL, params));

        assertThat(message.content().media())
                .containsExactly(
                        new Media("https://a.example/2", "image/png"), new Media("https://a.example/10", null));
        assertThat(message.fields()).containsEntry("NumMedia", count).containsEntry("MediaUrl3", "");
    }

    @Test
    void text_is_not_trimmed_and_unknown_parameters_are_kept() {
        Map<String, String> params = text("  \n olá \u00A0");
        params.put("InventedTomorrow", " x ");

        InboundMessage message = inbound(signed(URL, params));

        assertThat(message.content().text()).isEqualTo("  \n olá \u00A0");
        assertThat(message.fields()).containsEntry("InventedTomorrow", " x ");
    }

    @Test
    void an_address_need_not_be_a_number() {
        Map<String, String> params = text("oi");
        params.put("From", "whatsapp:BR.1A2B3C");

        assertThat(inbound(signed(URL, params)).address().customer()).isEqualTo("whatsapp:BR.1A2B3C");
    }

    @Test
    void a_parameter_that_comes_twice_is_kept_twice() {
        String body = form(text("oi")) + "&Extra=1&Extra=2";
        Map<String, List<String>> all = new LinkedHashMap<>();
        text("oi").forEach((name, value) -> all.put(name, List.of(value)));
        all.put("Extra", List.of("1", "2"));

        InboundMessage message =
                inbound(new TwilioRequest(URL, bytes(body), FORM, TwilioSignature.sign(Payloads.TOKEN, URL, all)));

        assertThat(message.fields()).containsEntry("Extra", "1").containsEntry("Extra#2", "2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"&Extra=1&Extra=2&Extra%232=3", "&Extra%232=3&Extra=1&Extra=2", "&x%00=1&x%EF%BF%BD=2&y=3"})
    void a_parameter_never_takes_the_place_of_another(String extra) throws Exception {
        byte[] body = bytes(form(text("oi")) + extra);
        Map<String, List<String>> all = FormBody.parse(body).byName();

        InboundMessage message =
                inbound(new TwilioRequest(URL, body, FORM, TwilioSignature.sign(Payloads.TOKEN, URL, all)));

        assertThat(message.fields()).hasSize(text("oi").size() + 3);
        assertThat(message.fields().values()).contains("1", "2", "3");
    }

    @Test
    void a_body_of_one_name_alone_costs_no_more_than_any_other() throws Exception {
        byte[] body = bytes(form(text("oi")) + "&a".repeat(30_000));
        Map<String, List<String>> all = FormBody.parse(body).byName();
        TwilioRequest request = new TwilioRequest(URL, body, FORM, TwilioSignature.sign(Payloads.TOKEN, URL, all));
        ThreadMXBean thread = ManagementFactory.getThreadMXBean();

        long before = thread.getCurrentThreadCpuTime();
        InboundMessage message = inbound(request);

        assertThat(Duration.ofNanos(thread.getCurrentThreadCpuTime() - before)).isLessThan(Duration.ofSeconds(2));
        assertThat(message.fields()).hasSize(text("oi").size() + 30_000).containsKey("a#30000");
    }

    @Test
    void a_fallback_delivery_has_the_same_id_as_the_first() {
        Map<String, String> params = text("oi");
        Map<String, String> again = new LinkedHashMap<>(params);
        again.put("ErrorCode", "11200");
        again.put("ErrorUrl", "https://bot.example.com/webhooks/twilio");

        assertThat(inbound(signed(URL, again)).providerMessageId())
                .isEqualTo(inbound(signed(URL, params)).providerMessageId());
    }

    @ParameterizedTest
    @CsvSource({
        "status-queued, QUEUED,",
        "status-sent, SENT,",
        "status-delivered, DELIVERED,",
        "status-read, READ,",
        "status-failed-63016, FAILED, 63016",
    })
    void a_status_callback_says_how_far_a_message_has_come(String name, DeliveryStatus status, @Nullable String code) {
        DeliveryUpdate update = status(Payloads.named(name).request());

        assertThat(update.status()).isEqualTo(status);
        assertThat(update.providerMessageId()).isEqualTo("SM2ee0b79727d98d992081735d3f17bd7f");
        if (code == null) {
            assertThat(update.error()).isNull();
        } else {
            assertThat(update.error()).contains(code);
        }
    }

    @Test
    void a_status_callback_brings_back_the_ids_that_its_url_carries() {
        UUID attempt = UUID.randomUUID();
        MessageId message = new MessageId(new ConversationId("acme & co", UUID.randomUUID()), 7);
        String url = URL + "/status" + new CallbackQuery("acme & co", message.text(), attempt).write();

        DeliveryUpdate update = status(signed(url, statusOf("delivered")));

        assertThat(update.tenant()).isEqualTo("acme & co");
        assertThat(update.message()).isEqualTo(message);
        assertThat(update.attemptToken()).isEqualTo(attempt);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?message=x&attempt=y", "?message=%zz", "?attempt=1-1"})
    void a_status_callback_without_readable_ids_still_names_the_providers(String query) {
        DeliveryUpdate update = status(signed(URL + "/status" + query, statusOf("sent")));

        assertThat(update.message()).isNull();
        assertThat(update.attemptToken()).isNull();
        assertThat(update.providerMessageId()).isEqualTo("SM1");
    }

    @Test
    void a_status_that_is_not_known_yet_proves_at_least_that_twilio_has_the_message() {
        assertThat(status(signed(URL, statusOf("teleported"))).status()).isEqualTo(DeliveryStatus.ACCEPTED);
    }

    @ParameterizedTest
    @CsvSource({
        "63005, Media file is too large, 'Twilio 63005: Channel did not accept given content. "
                + "Please see Channel specific error message for more information: Media file is too large'",
        "63016, , 'Twilio 63016: Failed to send freeform message because you are outside the allowed window. "
                + "If you are using WhatsApp, please use a Message Template.'",
        "99999, Something new, 'Twilio 99999: Something new'",
        "99999, , Twilio 99999",
        "21211, Invalid 'To' Phone Number, Twilio 21211: Invalid 'To' Phone Number",
    })
    void an_error_says_what_the_code_means_and_what_the_channel_said(String code, @Nullable String said, String error) {
        Map<String, String> params = statusOf("undelivered");
        params.put("ErrorCode", code);
        params.put("ErrorMessage", "");
        params.put("ChannelStatusMessage", said == null ? "" : said);

        assertThat(status(signed(URL, params)).error()).isEqualTo(error);
    }

    @Test
    void a_status_is_known_by_either_of_its_two_names_and_in_any_case() {
        Map<String, String> oldName = statusOf("Delivered");
        oldName.put("MessageStatus", "");
        Map<String, String> inbound = text("oi");
        inbound.put("SmsStatus", "Received");

        assertThat(status(signed(URL, oldName)).status()).isEqualTo(DeliveryStatus.DELIVERED);
        assertThat(inbound(signed(URL, inbound)).content().text()).isEqualTo("oi");
    }

    @Test
    void the_ids_in_the_callback_url_cannot_be_forged() {
        TwilioRequest right = signed(URL + "/status?message=a", statusOf("delivered"));

        assertRefused(
                new TwilioRequest(URL + "/status?message=b", right.body(), FORM, right.signature()), Refusal.FORBIDDEN);
    }

    // The order of refusal.

    @Test
    void a_body_over_64_KiB_is_too_large_before_anything_else_is_looked_at() {
        assertRefused(new TwilioRequest(URL, new byte[64 * 1024 + 1], "text/plain", null), Refusal.TOO_LARGE);
    }

    @Test
    void a_body_of_exactly_64_KiB_is_read() {
        Map<String, String> params = text("");
        params.put("Body", "x".repeat(64 * 1024 - form(params).length()));

        TwilioRequest request = signed(URL, params);

        assertThat(request.body()).hasSize(64 * 1024);
        assertThat(inbound(request).content().text()).startsWith("xxx");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void without_a_signature_it_is_forbidden_even_if_undecodable(String signature) {
        assertRefused(new TwilioRequest(URL, bytes("a=%zz"), FORM, null), Refusal.FORBIDDEN);
        assertRefused(new TwilioRequest(URL, bytes("a=%zz"), FORM, signature), Refusal.FORBIDDEN);
    }

    @Test
    void what_cannot_be_decoded_is_malformed_whoever_signed_it() {
        assertRefused(new TwilioRequest(URL, bytes("a=%zz"), FORM, "wrong"), Refusal.MALFORMED);
        assertRefused(new TwilioRequest(URL, bytes("a=%FF"), FORM, "wrong"), Refusal.MALFORMED);
        assertRefused(new TwilioRequest(URL, bytes("a=1"), "multipart/form-data", "wrong"), Refusal.MALFORMED);
        assertRefused(new TwilioRequest(URL, bytes("a=1"), FORM + "; charset=latin1", "wrong"), Refusal.MALFORMED);
    }

    @Test
    void a_wrong_signature_is_forbidden_even_if_parameters_are_missing() {
        assertRefused(new TwilioRequest(URL, bytes("a=1"), FORM, "wrong"), Refusal.FORBIDDEN);
        assertRefused(new TwilioRequest(URL, bytes(""), FORM, "wrong"), Refusal.FORBIDDEN);
    }

    @Test
    void another_account_is_forbidden_however_well_it_signs() {
        Map<String, String> params = text("oi");
        params.put("AccountSid", "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
        assertRefused(signed(URL, params), Refusal.FORBIDDEN);

        params.remove("AccountSid");
        params.remove("MessageSid");
        assertRefused(signed(URL, params), Refusal.FORBIDDEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MessageSid", "From", "To"})
    void a_signed_message_without_its_id_or_an_address_is_malformed(String name) {
        Map<String, String> params = text("oi");
        params.put(name, "");
        assertRefused(signed(URL, params), Refusal.MALFORMED);

        params.remove(name);
        assertRefused(signed(URL, params), Refusal.MALFORMED);
    }

    @Test
    void a_body_may_be_missing_altogether() {
        Map<String, String> params = text("oi");
        params.remove("Body");

        assertThat(inbound(signed(URL, params)).content().text()).isNull();
    }

    @Test
    void json_is_no_message_even_if_rightly_signed() {
        byte[] body = bytes("{}");
        String url = URL + "?bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        String signature = TwilioSignature.sign(Payloads.TOKEN, url, Map.of());

        assertRefused(new TwilioRequest(url, body, "application/json", signature), Refusal.MALFORMED);
        assertRefused(new TwilioRequest(url, bytes("{ }"), "application/json", signature), Refusal.FORBIDDEN);
        assertRefused(
                new TwilioRequest(URL, body, "application/json", TwilioSignature.sign(Payloads.TOKEN, URL, Map.of())),
                Refusal.FORBIDDEN);
    }

    @Test
    void the_refusals_have_the_status_codes_of_the_contract() {
        assertThat(Arrays.stream(Refusal.values()).map(Refusal::httpStatus)).containsExactly(413, 403, 400);
        assertThat(TwilioWebhooks.EMPTY_TWIML).isEqualTo("<Response/>");
    }

    private InboundMessage inbound(TwilioRequest request) {
        TwilioWebhook webhook = webhooks.verifyAndParse(request);
        assertThat(webhook).isInstanceOf(TwilioWebhook.Inbound.class);
        return ((TwilioWebhook.Inbound) webhook).message();
    }

    private DeliveryUpdate status(TwilioRequest request) {
        TwilioWebhook webhook = webhooks.verifyAndParse(request);
        assertThat(webhook).isInstanceOf(TwilioWebhook.Status.class);
        return ((TwilioWebhook.Status) webhook).update();
    }

    private void assertRefused(TwilioRequest request, Refusal kind) {
        assertThat(webhooks.verifyAndParse(request))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.kind()).as(refused.detail()).isEqualTo(kind));
    }

    private static Map<String, String> text(String body) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("AccountSid", Payloads.ACCOUNT);
        params.put("MessageSid", "SM1");
        params.put("SmsStatus", "received");
        params.put("From", "whatsapp:+5511987654321");
        params.put("To", "whatsapp:+14155238886");
        params.put("Body", body);
        return params;
    }

    private static Map<String, String> statusOf(String word) {
        Map<String, String> params = text("");
        params.remove("Body");
        params.put("SmsStatus", word);
        params.put("MessageStatus", word);
        return params;
    }

    private static TwilioRequest signed(String url, Map<String, String> params) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        params.forEach((name, value) -> all.put(name, List.of(value)));
        return new TwilioRequest(url, bytes(form(params)), FORM, TwilioSignature.sign(Payloads.TOKEN, url, all));
    }

    private static String form(Map<String, String> params) {
        return params.entrySet().stream()
                .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
