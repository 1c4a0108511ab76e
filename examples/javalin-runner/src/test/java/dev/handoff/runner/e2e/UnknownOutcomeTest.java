package dev.handoff.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeMessage;
import dev.handoff.twilio.testing.FakeTwilio;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Twilio's answer to a send is lost. Whether it has the message is told by a callback, or found by a look-up; meanwhile
 * nothing is sent again and nothing overtakes it, and a takeover says that it is on its way.
 */
@ParameterizedClass
@EnumSource
class UnknownOutcomeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static FakeTwilio twilio;
    private static RunnerProcess runner;

    private final Api ana = runner.as(RunnerProcess.ANA);
    private Customer maria;
    private String conversation;

    UnknownOutcomeTest(TestDatabase database) {}

    @BeforeParameterizedClassInvocation
    static void start(TestDatabase database) {
        twilio = FakeTwilio.start();
        Map<String, String> settings = new HashMap<>(RunnerProcess.besideTwilio(twilio));
        settings.putAll(database.fresh());
        settings.put("HANDOFF_UNKNOWN_WAIT", "PT0.3S");
        settings.put("HANDOFF_RETRY_BASE", "PT0.1S");
        runner = RunnerProcess.start(settings);
        twilio.reaches(RunnerProcess.PUBLIC_URL, runner.baseUrl());
    }

    @AfterParameterizedClassInvocation
    static void end() {
        runner.close();
        twilio.close();
    }

    @BeforeEach
    void someCustomer(TestInfo test) {
        twilio.listsAlways(Answer.accepted());
        maria = new Customer(
                twilio, "whatsapp:" + test.getTestMethod().orElseThrow().getName());
    }

    @Test
    void I4_a_late_callback_settles_it_and_lets_the_next_message_go() throws Exception {
        twilio.listsAlways(Answer.status(503));
        twilio.answersTo(maria.address(), Answer.cutAfterAcceptance());
        mariaWrites("um");
        awaitDelivery("UNKNOWN");
        mariaWrites("dois");
        awaitDelivery("UNKNOWN", "QUEUED");
        maria.hears("echo: um");

        assertThat(twilio.deliver(sent().get(0).sid(), "delivered").status()).isEqualTo(204);

        awaitDelivery("DELIVERED", "SENT");
        maria.hears("echo: um", "echo: dois");
        assertThat(sendRequests()).as("one for each message").isEqualTo(2);
    }

    @Test
    void I4_without_a_callback_the_message_is_looked_up_and_not_sent_again() throws Exception {
        twilio.answersTo(maria.address(), Answer.unreadable201());
        mariaWrites("um");

        awaitDelivery("SENT");
        maria.hears("echo: um");
        assertThat(sendRequests()).isEqualTo(1);
        assertThat(answers().get(0).path("providerMessageId").asText())
                .isEqualTo(sent().get(0).sid());
    }

    @Test
    void I4_what_two_look_ups_do_not_find_was_not_sent_and_is_sent() throws Exception {
        int before = lookUps();
        twilio.answersTo(maria.address(), Answer.cutBeforeAcceptance());
        mariaWrites("um");

        awaitDelivery("SENT");
        maria.hears("echo: um");
        assertThat(sendRequests()).isEqualTo(2);
        assertThat(lookUps() - before).as("look-ups, of one or two lists each").isGreaterThanOrEqualTo(2);
    }

    @Test
    void I4_a_twilio_that_cannot_be_asked_decides_nothing() throws Exception {
        twilio.listsAlways(Answer.status(503));
        twilio.answersTo(maria.address(), Answer.cutBeforeAcceptance());
        int before = lookUps();
        mariaWrites("um");
        Await.until("it was asked again and again", PATIENCE, () -> lookUps() - before >= 4);

        awaitDelivery("UNKNOWN");
        assertThat(answers().get(0).path("error").asText()).contains("503");
        assertThat(sendRequests()).isEqualTo(1);

        twilio.listsAlways(Answer.accepted());
        awaitDelivery("SENT");
        maria.hears("echo: um");
    }

    @Test
    void I1_a_takeover_reports_what_is_being_sent_which_arrives_and_nothing_of_the_bot_after_it() throws Exception {
        twilio.answersTo(maria.address(), Answer.accepted().after(Duration.ofSeconds(6)));
        mariaWrites("um");
        maria.hears("echo: um");

        Api.Answer taken = ana.command(conversation, "takeover");

        assertThat(taken.status()).isEqualTo(200);
        assertThat(inFlight(taken)).containsExactly(answers().get(0).path("id").asText());
        assertThat(ana.answer(conversation, "Oi, Maria!").status()).isEqualTo(201);
        awaitDelivery("SENT", "SENT");
        maria.hears("echo: um", "Oi, Maria!");
    }

    @Test
    void I1_a_takeover_reports_what_was_perhaps_sent_which_is_suppressed_when_twilio_does_not_have_it()
            throws Exception {
        twilio.listsAlways(Answer.status(503));
        twilio.answersTo(maria.address(), Answer.cutBeforeAcceptance());
        mariaWrites("um");
        awaitDelivery("UNKNOWN");

        Api.Answer taken = ana.command(conversation, "takeover");

        assertThat(inFlight(taken)).containsExactly(answers().get(0).path("id").asText());
        assertThat(ana.answer(conversation, "Oi, Maria!").status()).isEqualTo(201);
        awaitDelivery("UNKNOWN", "QUEUED");

        twilio.listsAlways(Answer.accepted());
        awaitDelivery("SUPPRESSED", "SENT");
        maria.hears("Oi, Maria!");
        assertThat(sendRequests()).as("the bot's, and Ana's").isEqualTo(2);
    }

    private void mariaWrites(String text) throws Exception {
        maria.writes(text);
        conversation = ana.conversationOf(maria.address()).path("id").asText();
    }

    /** What bot and agents have said, in order. */
    private List<JsonNode> answers() {
        return ana.messages(conversation).stream()
                .filter(message -> message.path("direction").asText().equals("OUTBOUND"))
                .toList();
    }

    private void awaitDelivery(String... deliveries) {
        Await.until(
                maria.address() + " is answered with " + List.of(deliveries),
                PATIENCE,
                () -> answers().stream()
                        .map(message -> message.path("delivery").asText())
                        .toList()
                        .equals(List.of(deliveries)));
    }

    private List<FakeMessage> sent() {
        return twilio.messages().stream()
                .filter(message -> message.to().equals(maria.address()))
                .toList();
    }

    private long sendRequests() {
        return twilio.sendRequests().stream()
                .filter(request -> maria.address().equals(request.parameter("To")))
                .count();
    }

    private static int lookUps() {
        return twilio.requests().size() - twilio.sendRequests().size();
    }

    private static List<String> inFlight(Api.Answer taken) {
        List<String> ids = new ArrayList<>();
        taken.body().path("inFlight").forEach(id -> ids.add(id.asText()));
        return ids;
    }
}
