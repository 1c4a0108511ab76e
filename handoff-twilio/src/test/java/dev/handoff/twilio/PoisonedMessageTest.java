package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.OutboundSettings;
import dev.handoff.model.Actor;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Media;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.store.Outbox.RetryDecision;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeMessage;
import dev.handoff.twilio.testing.FakeTwilio;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Five messages wait for one customer, and the one in the middle can never be sent. */
class PoisonedMessageTest {
    private static final int ATTEMPTS = 3;
    private static final Content UNBUILDABLE = new Content("three", List.of(new Media("not a url", null)), null);

    /**
     * @param third the message in the middle
     * @param answers what Twilio says to it
     * @param reason what people are shown
     */
    record Poison(String name, Content third, List<Answer> answers, String reason) {
        @Override
        public String toString() {
            return name;
        }
    }

    private final FakeTwilio twilio = FakeTwilio.start();
    private final TwilioRig rig = new TwilioRig(
            TwilioChannel.of(Sends.settings(twilio).build()),
            OutboundSettings.defaults().attempts(ATTEMPTS, Duration.ofSeconds(1)));
    private final ConversationId conversation = rig.conversation(Sends.ADDRESS);

    @AfterEach
    void stop() {
        rig.close();
        twilio.close();
    }

    static Stream<Poison> poisons() {
        Content three = Content.text("three");
        Answer busy = Answer.error(408, 0, "not now");
        return Stream.of(
                new Poison(
                        "refused for good",
                        three,
                        List.of(Answer.error(400, 21211, "Invalid 'To' Phone Number")),
                        "Twilio 21211: Invalid 'To' Phone Number"),
                new Poison(
                        "not a message that can be built",
                        UNBUILDABLE,
                        List.of(),
                        "not a message that Twilio could take"),
                new Poison(
                        "outside the window",
                        three,
                        List.of(Answer.error(400, 63016, "outside the allowed window")),
                        "needs an approved template: Twilio 63016"),
                new Poison(
                        "busy for ever", three, List.of(busy, busy, busy), "given up after " + ATTEMPTS + " attempts"));
    }

    @ParameterizedTest
    @MethodSource("poisons")
    void I4_the_rest_is_sent_in_order_and_the_poison_is_shown(Poison poison) {
        List<MessageId> queued = queueFiveWith(poison);

        sendAll();

        assertThat(twilio.messages()).extracting(FakeMessage::body).containsExactly("one", "two", "four", "five");
        assertThat(queued.stream().map(id -> rig.message(id).delivery()))
                .containsExactly(Delivery.SENT, Delivery.SENT, Delivery.FAILED, Delivery.SENT, Delivery.SENT);
        assertThat(rig.message(queued.get(2)).error()).contains(poison.reason());
        assertThat(rig.handoff().deadLetters("default", 10))
                .extracting(Message::id)
                .containsExactly(queued.get(2));
    }

    @ParameterizedTest
    @MethodSource("poisons")
    void the_conversation_shows_it_where_it_was_said(Poison poison) {
        List<MessageId> queued = queueFiveWith(poison);

        sendAll();

        List<Message> shown = rig.handoff().history().messages(conversation, 0, 100).stream()
                .filter(message -> message.delivery() != null)
                .toList();
        assertThat(shown).extracting(Message::id).containsExactlyElementsOf(queued);
        assertThat(shown.get(2).error()).contains(poison.reason());
    }

    /** An operator's second try comes after what was sent meanwhile; nobody's order is kept by a message that failed. */
    @Test
    void once_its_cause_is_gone_an_operator_sends_it_again() {
        List<MessageId> queued = queueFiveWith(poisons().findFirst().orElseThrow());
        sendAll();

        RetryDecision decision = rig.handoff().retryDeadLetter(queued.get(2), new Actor.Host());
        sendAll();

        assertThat(decision).isEqualTo(RetryDecision.QUEUED);
        assertThat(twilio.messages())
                .extracting(FakeMessage::body)
                .containsExactly("one", "two", "four", "five", "three");
        assertThat(rig.handoff().deadLetters("default", 10)).isEmpty();
    }

    private List<MessageId> queueFiveWith(Poison poison) {
        if (!poison.answers().isEmpty()) {
            twilio.answers(Answer.accepted(), Answer.accepted());
            twilio.answers(poison.answers().toArray(Answer[]::new));
        }
        List<MessageId> queued = new ArrayList<>();
        for (String text : List.of("one", "two", "three", "four", "five")) {
            queued.add(rig.reply(conversation, text.equals("three") ? poison.third() : Content.text(text)));
        }
        return queued;
    }

    /** Far beyond every back-off. */
    private void sendAll() {
        for (int i = 0; i < 3 * ATTEMPTS; i++) {
            rig.dispatch();
            rig.advance(Duration.ofSeconds(10));
        }
    }
}
