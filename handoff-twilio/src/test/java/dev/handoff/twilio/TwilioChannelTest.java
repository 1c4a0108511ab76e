package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.twilio.exception.ApiException;
import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.channel.SendResult.Permanent;
import dev.handoff.channel.SendResult.Retry;
import dev.handoff.channel.SendResult.Sent;
import dev.handoff.channel.SendResult.Unknown;
import dev.handoff.channel.SendResult.Unreachable;
import dev.handoff.channel.SilentMessage;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.Media;
import dev.handoff.model.MessageId;
import dev.handoff.model.Template;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeMessage;
import dev.handoff.twilio.testing.FakeTwilio;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TwilioChannelTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private final FakeTwilio twilio = FakeTwilio.start();
    private final TwilioSettings settings = Sends.settings(twilio).build();
    private final TwilioChannel channel = TwilioChannel.of(settings);

    @AfterEach
    void stop() {
        twilio.close();
    }

    @Test
    void a_text_goes_from_the_inbox_to_the_customer_and_names_where_its_status_is_reported() {
        OutboundMessage message = Sends.text(" Olá, Maria & João! 👍🏽\n+1 ");

        SendResult result = channel.send(message);

        FakeMessage sent = twilio.messages().get(0);
        assertThat(result).isEqualTo(new Sent(sent.sid()));
        assertThat(sent.from()).isEqualTo("whatsapp:+14155238886");
        assertThat(sent.to()).isEqualTo("whatsapp:BR.1A2B");
        assertThat(sent.body()).isEqualTo(" Olá, Maria & João! 👍🏽\n+1 ");
        assertThat(sent.parameters()).containsEntry("ValidityPeriod", List.of("3600"));
        assertThat(sent.statusCallback()).startsWith("https://bot.example.com/webhooks/twilio/status?");
        assertThat(CallbackQuery.read(sent.statusCallback()))
                .isEqualTo(new CallbackQuery("default", message.id().text(), message.attemptToken()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "NULL", "0", "false", "{}", "%00"})
    void no_text_is_mistaken_for_none(String text) {
        channel.send(Sends.text(text));

        assertThat(twilio.messages()).extracting(FakeMessage::body).containsExactly(text);
    }

    @Test
    void several_files_go_in_one_message_in_order_their_urls_untouched() {
        channel.send(Sends.of(new Content(
                "fotos",
                List.of(new Media("https://a.example/1?x=%2B&y=1", null), new Media("https://a.example/2", null)),
                null)));

        assertThat(twilio.messages().get(0).mediaUrls())
                .containsExactly("https://a.example/1?x=%2B&y=1", "https://a.example/2");
    }

    @Test
    void a_template_goes_by_its_sid_with_its_variables_and_without_text() {
        channel.send(
                Sends.of(new Content("ignored", List.of(), new Template("HX123", Map.of("1", "Ana \"A\"", "2", "x")))));

        assertThat(twilio.messages().get(0).parameters())
                .containsEntry("ContentSid", List.of("HX123"))
                .containsEntry("ContentVariables", List.of("{\"1\":\"Ana \\\"A\\\"\",\"2\":\"x\"}"))
                .doesNotContainKey("Body");
    }

    @Test
    void a_messaging_service_may_be_the_sender() {
        channel.send(Sends.text("oi", Sends.from(Sends.SERVICE)));

        assertThat(twilio.messages().get(0).parameters())
                .containsEntry("MessagingServiceSid", List.of(Sends.SERVICE))
                .doesNotContainKey("From");
    }

    @Test
    void a_senders_name_that_begins_like_a_services_is_no_messaging_service() {
        channel.send(Sends.text("oi", Sends.from("MGSTORE")));

        assertThat(twilio.messages().get(0).parameters())
                .containsEntry("From", List.of("MGSTORE"))
                .doesNotContainKey("MessagingServiceSid");
    }

    @Test
    void a_conversation_without_an_inbox_uses_the_default_sender_if_there_is_one() {
        ConversationAddress nowhere = Sends.from("");
        TwilioChannel withDefault =
                TwilioChannel.of(Sends.settings(twilio).defaultFrom("+15550001").build());

        assertThat(withDefault.send(Sends.text("oi", nowhere))).isInstanceOf(Sent.class);
        assertThat(twilio.messages().get(0).from()).isEqualTo("+15550001");
        assertThat(channel.send(Sends.text("oi", nowhere))).isInstanceOf(Permanent.class);
    }

    // One call is one request, whatever the answer.

    @ParameterizedTest
    @CsvSource({"400", "401", "403", "404", "422"})
    void a_refusal_is_permanent_after_one_request(int status) {
        twilio.answersAlways(Answer.status(status));

        assertThat(channel.send(Sends.text("oi"))).isInstanceOf(Permanent.class);
        assertThat(twilio.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504})
    void a_server_error_is_an_unknown_outcome_after_one_request(int status) {
        twilio.answersAlways(Answer.status(status));

        assertThat(channel.send(Sends.text("oi"))).isInstanceOf(Unknown.class);
        assertThat(twilio.requests()).hasSize(1);
    }

    @Test
    void a_gateways_error_page_is_an_unknown_outcome_after_one_request() {
        twilio.answersAlways(Answer.html502());

        assertThat(channel.send(Sends.text("oi"))).isEqualTo(new Unknown("Twilio answered 502"));
        assertThat(twilio.requests()).hasSize(1);
    }

    @Test
    void a_429_is_retried_later_and_slows_the_sender_after_one_request() {
        twilio.answersAlways(Answer.status(429).retryAfter(2));

        assertThat(channel.send(Sends.text("oi")))
                .isEqualTo(new Retry("Twilio 20429: Scripted 429", Duration.ofSeconds(2), true));
        assertThat(twilio.requests()).hasSize(1);
    }

    @Test
    void a_cut_connection_is_an_unknown_outcome_after_one_request() {
        twilio.answersAlways(Answer.cutAfterAcceptance());

        assertThat(channel.send(Sends.text("oi"))).isInstanceOf(Unknown.class);
        assertThat(twilio.requests()).hasSize(1);
        assertThat(twilio.messages()).hasSize(1);
    }

    @Test
    void a_reused_connection_that_is_cut_is_not_tried_again_either() {
        channel.send(Sends.text("opens the connection"));
        for (int i = 0; i < 20; i++) {
            twilio.answers(Answer.cutAfterAcceptance());
            assertThat(channel.send(Sends.text("cut"))).isInstanceOf(Unknown.class);
            assertThat(channel.send(Sends.text("opens another"))).isInstanceOf(Sent.class);
        }
        assertThat(twilio.requests()).hasSize(41);
    }

    @Test
    void an_unreadable_201_is_an_unknown_outcome_after_one_request() {
        twilio.answersAlways(Answer.unreadable201());

        assertThat(channel.send(Sends.text("oi"))).isInstanceOf(Unknown.class);
        assertThat(twilio.requests()).hasSize(1);
    }

    @Test
    void a_201_that_names_no_message_is_an_unknown_outcome() {
        twilio.answersAlways(Answer.error(201, 0, "no sid here"));

        assertThat(channel.send(Sends.text("oi"))).isInstanceOf(Unknown.class);
    }

    @Test
    void a_read_time_out_is_an_unknown_outcome_after_one_request() {
        twilio.answersAlways(Answer.accepted().after(Duration.ofSeconds(30)));
        TwilioChannel impatient = TwilioChannel.of(
                Sends.settings(twilio).readTimeout(Duration.ofSeconds(2)).build());

        assertThat(impatient.send(Sends.text("oi"))).isInstanceOf(Unknown.class);
        assertThat(twilio.requests()).hasSize(1);
    }

    @Test
    void what_became_of_a_message_can_be_asked_when_no_report_has_come() {
        String delivered = sent(channel.send(Sends.text("oi")));
        String failed = sent(channel.send(Sends.text("olá")));
        twilio.becomes(delivered, "delivered", null);
        twilio.becomes(failed, "undelivered", 63016);

        assertThat(channel.reportOn(silent(delivered)))
                .hasValueSatisfying(report -> assertThat(report.status()).isEqualTo(DeliveryStatus.DELIVERED));
        assertThat(channel.reportOn(silent(failed))).hasValueSatisfying(report -> {
            assertThat(report.status()).isEqualTo(DeliveryStatus.FAILED);
            assertThat(report.error()).startsWith("Twilio 63016: ");
        });
        assertThatThrownBy(() -> channel.reportOn(silent("SM" + "0".repeat(32))))
                .isInstanceOf(ApiException.class);
    }

    private static String sent(SendResult result) {
        return ((SendResult.Sent) result).providerMessageId();
    }

    private static SilentMessage silent(String sid) {
        OutboundMessage message = Sends.text("oi");
        return new SilentMessage(message.id(), message.address(), sid);
    }

    @Test
    void a_refused_connection_is_certainly_not_sent() {
        twilio.close();

        assertThat(channel.send(Sends.text("oi"))).isInstanceOfSatisfying(Unreachable.class, away -> {
            assertThat(away.reason()).contains("could not be reached");
        });
    }

    @Test
    void a_name_that_does_not_resolve_is_certainly_not_sent() {
        TwilioChannel lost = TwilioChannel.of(
                Sends.settings(twilio).apiBaseUrl("http://nowhere.invalid").build());

        assertThat(lost.send(Sends.text("oi"))).isInstanceOf(Unreachable.class);
    }

    @Test
    void a_redirect_is_not_followed_with_the_credentials() {
        twilio.answersAlways(Answer.status(307));

        assertThat(channel.send(Sends.text("oi"))).isInstanceOf(Permanent.class);
        assertThat(twilio.requests()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "400, 21211, Permanent",
        "400, 21610, Permanent",
        "400, 63016, NeedsTemplate",
        "429, 63018, Retry",
        "400, 21611, Retry",
        "400, 99999, Permanent",
    })
    void twilios_code_decides_what_is_done(int status, int code, String result) {
        twilio.answersAlways(Answer.error(status, code, "because"));

        SendResult sent = channel.send(Sends.text("oi"));

        assertThat(sent.getClass().getSimpleName()).isEqualTo(result);
        assertThat(sent.toString()).contains("Twilio " + code + ": because");
    }

    @Test
    void what_twilio_could_never_take_is_not_even_asked() {
        assertThat(channel.send(Sends.of(new Content("x", List.of(new Media("not a url", null)), null))))
                .isInstanceOf(Permanent.class);
        assertThat(channel.send(Sends.text(" "))).isInstanceOf(Permanent.class);
        assertThat(twilio.requests()).isEmpty();
    }

    @Test
    void wrong_credentials_are_a_permanent_error_of_the_whole_sender_that_says_so() {
        TwilioChannel stranger =
                TwilioChannel.of(Sends.settings(twilio).authTokens("wrong").build());

        assertThat(stranger.send(Sends.text("oi"))).isEqualTo(new Permanent("Twilio 20003: Authenticate", true));
    }

    @Test
    void the_api_may_be_a_proxy_below_a_path() {
        TwilioChannel proxied = TwilioChannel.of(
                Sends.settings(twilio).apiBaseUrl(twilio.baseUrl() + "/proxy/").build());

        proxied.send(Sends.text("oi"));

        assertThat(URI.create(twilio.requests().get(0).target()).getPath())
                .isEqualTo("/proxy/2010-04-01/Accounts/" + FakeTwilio.ACCOUNT_SID + "/Messages.json");
    }

    @Test
    void fifty_sends_run_side_by_side_and_each_gets_its_own_answer() throws Exception {
        twilio.answersAlways(Answer.accepted().after(Duration.ofMillis(500)));
        ExecutorService threads = Executors.newFixedThreadPool(50);
        try {
            List<Callable<String>> sends = IntStream.range(0, 50)
                    .<Callable<String>>mapToObj(i ->
                            () -> ((Sent) channel.send(Sends.text("message " + i))).providerMessageId() + " " + i)
                    .toList();
            long start = System.nanoTime();
            List<String> answers = new ArrayList<>();
            for (Future<String> send : threads.invokeAll(sends)) {
                answers.add(send.get());
            }
            Duration took = Duration.ofNanos(System.nanoTime() - start);

            assertThat(answers)
                    .containsExactlyInAnyOrderElementsOf(twilio.messages().stream()
                            .map(message -> message.sid() + message.body().substring("message".length()))
                            .toList());
            assertThat(twilio.requests()).hasSize(50);
            assertThat(took).as("one after the other would take 25 s").isLessThan(Duration.ofSeconds(10));
        } finally {
            threads.shutdownNow();
        }
    }

    // What an agent is told before anything is queued.

    @ParameterizedTest
    @CsvSource({
        "whatsapp:+55, PT23H59M59S, false",
        "whatsapp:+55, PT24H, true",
        "whatsapp:+55, , true",
        "+55, PT240H, false",
        "+55, , false",
    })
    void whatsapp_takes_free_text_for_24_hours_after_the_customers_last_message(
            String customer, @Nullable Duration silence, boolean refused) {
        Instant lastInbound = silence == null ? null : NOON.minus(silence);
        ConversationAddress address = new ConversationAddress("default", "twilio", "whatsapp:+1", customer);

        assertThat(channel.refuses(address, Content.text("oi"), lastInbound, NOON)
                        .isPresent())
                .isEqualTo(refused);
    }

    @Test
    void a_template_is_taken_at_any_time() {
        Content template = new Content(null, List.of(), new Template("HX123", Map.of()));

        assertThat(channel.refuses(Sends.ADDRESS, template, null, NOON)).isEmpty();
    }

    @Test
    void a_text_may_have_1600_characters_however_many_bytes_they_take() {
        assertThat(channel.refuses(Sends.ADDRESS, Content.text("👍".repeat(1600)), NOON, NOON))
                .isEmpty();
        assertThat(channel.refuses(Sends.ADDRESS, Content.text("a".repeat(1601)), NOON, NOON))
                .hasValueSatisfying(
                        reason -> assertThat(reason).contains("1601").contains("1600"));
        assertThat(channel.maxTextLength()).isEqualTo(1600);
    }

    @Test
    void an_empty_message_is_refused() {
        assertThat(channel.refuses(Sends.ADDRESS, Content.text(" \n"), NOON, NOON))
                .isPresent();
    }

    @Test
    void the_callbacks_id_is_one_that_the_library_reads_back() {
        OutboundMessage message = Sends.text("oi");

        assertThat(MessageId.parse("default", message.id().text())).contains(message.id());
    }
}
