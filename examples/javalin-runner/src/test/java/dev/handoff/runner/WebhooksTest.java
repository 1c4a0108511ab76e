package dev.handoff.runner;

import static dev.handoff.runner.Service.ANA;
import static dev.handoff.runner.Service.await;
import static dev.handoff.runner.Service.encoded;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.handoff.runner.Service.Answer;
import dev.handoff.twilio.testing.FakeMessage;
import dev.handoff.twilio.testing.FakeTwilio;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhooksTest {
    private static final String PUBLIC_URL = "https://bot.example.com";
    private static final String INBOUND = PUBLIC_URL + "/webhooks/twilio";
    private static final String INBOX = "whatsapp:+14155238886";

    private static FakeTwilio twilio;
    private static Service service;

    @BeforeAll
    static void start() {
        twilio = FakeTwilio.start();
        service = Service.start(
                "TWILIO_ACCOUNT_SID",
                FakeTwilio.ACCOUNT_SID,
                "TWILIO_AUTH_TOKEN",
                FakeTwilio.AUTH_TOKEN,
                "TWILIO_API_BASE_URL",
                twilio.baseUrl(),
                "HANDOFF_PUBLIC_URL",
                PUBLIC_URL);
        twilio.reaches(PUBLIC_URL, service.url());
    }

    @AfterAll
    static void stop() {
        service.close();
        twilio.close();
    }

    @Test
    void I3_a_message_is_stored_answered_with_empty_twiml_and_its_duplicate_changes_nothing() throws Exception {
        String customer = Service.newCustomer();
        Map<String, String> parameters = twilio.inboundParameters(customer, INBOX, "  olá  ");
        parameters.put("Brand New Parameter", "kept");

        FakeTwilio.HostAnswer first = twilio.post(INBOUND, parameters);
        FakeTwilio.HostAnswer again = twilio.post(INBOUND, parameters);

        for (FakeTwilio.HostAnswer answer : List.of(first, again)) {
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.contentType()).startsWith("text/xml");
            assertThat(answer.body()).isEqualTo("<Response/>");
        }
        String id = conversationOf(customer).get("id").asText();
        List<JsonNode> inbound = messages(id, "CUSTOMER");
        assertThat(inbound).hasSize(1);
        assertThat(inbound.get(0).get("text").asText()).isEqualTo("  olá  ");
        assertThat(inbound.get(0).get("providerMessageId").asText()).isEqualTo(parameters.get("MessageSid"));
        parameters.forEach((name, value) -> assertThat(
                        inbound.get(0).get("fields").path(name).asText())
                .as(name)
                .isEqualTo(value));
        assertThat(conversationOf(customer).get("inbox").asText()).isEqualTo(INBOX);
    }

    @Test
    void the_bots_answer_leaves_from_the_inbox_and_callbacks_move_it_on() throws Exception {
        String customer = Service.newCustomer();
        twilio.customerWrites(INBOUND, customer, INBOX, "oi");

        FakeMessage sent = await(
                        () -> twilio.messages().stream()
                                .filter(message -> message.to().equals(customer))
                                .toList(),
                        found -> found.size() == 1)
                .get(0);
        assertThat(sent.from()).isEqualTo(INBOX);
        assertThat(sent.body()).isEqualTo("echo: oi");
        String id = conversationOf(customer).get("id").asText();

        FakeTwilio.HostAnswer delivered = twilio.deliver(sent.sid(), "delivered");
        FakeTwilio.HostAnswer late = twilio.deliver(sent.sid(), "sent");

        assertThat(delivered.status()).isEqualTo(204);
        assertThat(late.status()).isEqualTo(204);
        await(
                () -> messages(id, "BOT").get(0),
                bot -> bot.get("delivery").asText().equals("DELIVERED"));
    }

    @Test
    void a_report_on_a_message_that_is_none_of_ours_is_taken_too() throws Exception {
        Map<String, String> report = new LinkedHashMap<>();
        report.put("AccountSid", FakeTwilio.ACCOUNT_SID);
        report.put("MessageSid", "SM" + "0".repeat(32));
        report.put("MessageStatus", "delivered");

        assertThat(twilio.post(INBOUND + "/status?x=%2B1", report).status()).isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/webhooks/twilio", "/webhooks/twilio/status"})
    void first_of_all_a_body_over_64_KiB_is_a_413_with_or_without_a_signature(String path) {
        byte[] large = "a".repeat(64 * 1024 + 1).getBytes(java.nio.charset.StandardCharsets.US_ASCII);

        Answer counted = Service.send(service.request(null, path).POST(HttpRequest.BodyPublishers.ofByteArray(large)));
        Answer chunked = Service.send(service.request(null, path)
                .header("X-Twilio-Signature", "x")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))));

        assertThat(counted.status()).isEqualTo(413);
        assertThat(chunked.status()).isEqualTo(413);
    }

    @Test
    void then_a_missing_signature_is_a_403_even_when_the_body_is_nonsense() {
        Answer answer = Service.send(form("Body=%zz"));

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.contentType()).startsWith("application/problem+json");
    }

    @Test
    void then_a_body_that_cannot_be_decoded_is_a_400_even_when_the_signature_is_wrong() {
        assertThat(Service.send(form("Body=%zz").header("X-Twilio-Signature", "wrong"))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void then_a_wrong_signature_or_account_is_a_403_even_when_parameters_are_missing() throws Exception {
        Map<String, String> foreign = Map.of("AccountSid", "AC" + "f".repeat(32));

        assertThat(twilio.post(INBOUND, Map.of("AccountSid", FakeTwilio.ACCOUNT_SID), "wrong")
                        .status())
                .isEqualTo(403);
        assertThat(twilio.post(INBOUND, foreign).status()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MessageSid", "From", "To"})
    void then_a_signed_message_without_what_names_it_is_a_400(String missing) throws Exception {
        Map<String, String> parameters = twilio.inboundParameters(Service.newCustomer(), INBOX, "oi");
        parameters.remove(missing);

        assertThat(twilio.post(INBOUND, parameters).status()).isEqualTo(400);
    }

    @Test
    void after_many_bad_signatures_a_good_one_is_still_let_in() throws Exception {
        Map<String, String> parameters = twilio.inboundParameters(Service.newCustomer(), INBOX, "oi");
        for (int i = 0; i < 50; i++) {
            assertThat(twilio.post(INBOUND, parameters, "wrong").status()).isEqualTo(403);
        }

        assertThat(twilio.post(INBOUND, parameters).status()).isEqualTo(200);
    }

    @Test
    void what_cannot_be_stored_is_a_503() throws IOException, InterruptedException {
        try (FakeTwilio caller = FakeTwilio.start();
                Service notYet = Service.listening(
                        new MemoryStorage(),
                        "TWILIO_ACCOUNT_SID",
                        FakeTwilio.ACCOUNT_SID,
                        "TWILIO_AUTH_TOKEN",
                        FakeTwilio.AUTH_TOKEN,
                        "TWILIO_API_BASE_URL",
                        caller.baseUrl())) {
            String url = notYet.url() + "/webhooks/twilio";

            // Without a public URL the Host header stands in, so the signature over the local URL is right.
            assertThat(caller.customerWrites(url, Service.newCustomer(), INBOX, "oi")
                            .status())
                    .isEqualTo(503);
            notYet.serve();
            assertThat(caller.customerWrites(url, Service.newCustomer(), INBOX, "oi")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void with_Twilio_there_is_no_simulator() {
        assertThat(service.get(ANA, "/simulator/messages?from=x").status()).isEqualTo(404);
        assertThat(service.post(ANA, "/simulator/messages", "{\"from\":\"x\",\"text\":\"y\"}")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void a_message_that_was_given_up_is_listed_and_tried_again_when_an_agent_asks() throws Exception {
        String customer = Service.newCustomer();
        String message = givenUpTo(customer);
        String id = conversationOf(customer).get("id").asText();

        JsonNode dead = service.get(ANA, "/api/outbound/dead").items();
        Answer retried = service.post(ANA, "/api/outbound/" + message + "/retry", "{}");

        assertThat(dead.findValuesAsText("id")).contains(message);
        assertThat(dead.get(0).get("error").asText()).contains("21211");
        assertThat(retried.status()).isEqualTo(202);
        twilio.awaitMessages(1, Duration.ofSeconds(5));
        await(
                () -> messages(id, "BOT").get(0),
                bot -> bot.get("delivery").asText().equals("SENT"));
        Answer again = service.post(ANA, "/api/outbound/" + message + "/retry", "{}");
        assertThat(again.status()).isEqualTo(422);
        assertThat(again.conversation().get("id").asText()).isEqualTo(id);
    }

    @Test
    void a_message_that_was_given_up_is_off_the_list_when_an_agent_drops_it() throws Exception {
        String message = givenUpTo(Service.newCustomer());

        Answer dropped = service.post(ANA, "/api/outbound/" + message + "/drop", "{}");

        assertThat(dropped.status()).isEqualTo(200);
        assertThat(dropped.json().get("delivery").asText()).isEqualTo("FAILED");
        assertThat(dropped.json().get("error").asText()).startsWith("dropped: ").contains("21211");
        assertThat(service.get(ANA, "/api/outbound/dead").items().findValuesAsText("id"))
                .doesNotContain(message);
        assertThat(service.post(ANA, "/api/outbound/" + message + "/drop", "{}").status())
                .isEqualTo(422);
    }

    /** The id of what the bot said to a customer whom Twilio does not know. */
    private static String givenUpTo(String customer) throws Exception {
        twilio.answersTo(customer, dev.handoff.twilio.testing.Answer.error(400, 21211, "Invalid 'To' Phone Number"));
        twilio.customerWrites(INBOUND, customer, INBOX, "oi");
        String id = conversationOf(customer).get("id").asText();
        return await(
                        () -> messages(id, "BOT"),
                        bot -> bot.size() == 1
                                && bot.get(0).get("delivery").asText().equals("FAILED"))
                .get(0)
                .get("id")
                .asText();
    }

    private static HttpRequest.Builder form(String body) {
        return service.request(null, "/webhooks/twilio")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private static JsonNode conversationOf(String customer) {
        JsonNode items = service.get(ANA, "/api/conversations?customer=" + encoded(customer))
                .items();
        assertThat(items).hasSize(1);
        return items.get(0);
    }

    private static List<JsonNode> messages(String id, String owner) {
        List<JsonNode> found = new java.util.ArrayList<>();
        service.messages(id).forEach(message -> {
            if (message.get("owner").asText().equals(owner)) {
                found.add(message);
            }
        });
        return found;
    }
}
