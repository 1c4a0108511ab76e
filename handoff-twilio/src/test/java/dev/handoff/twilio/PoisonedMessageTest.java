package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.AgentDesk;
import dev.handoff.Handoff;
import dev.handoff.bot.BotReply;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.model.Agent;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Media;
import dev.handoff.model.Message;
import dev.handoff.policy.Notices;
import dev.handoff.testing.ManualTime;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeMessage;
import dev.handoff.twilio.testing.FakeTwilio;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Five messages wait for one customer, and Twilio will never take the third. */
class PoisonedMessageTest {
    private static final int ATTEMPTS = 3;
    private static final String MARIA = Sends.ADDRESS.customer();

    private final FakeTwilio twilio = FakeTwilio.start();
    private final ManualTime time = new ManualTime();
    private final Handoff handoff = Handoff.builder()
            .store(new InMemoryConversationStore(time))
            .channel(TwilioChannel.of(Sends.settings(twilio).build()))
            .bot(turn -> BotReply.silence())
            .notices(Notices.off())
            .outbound(OutboundSettings.defaults().pace(100_000, 100_000).attempts(ATTEMPTS, Duration.ofSeconds(1)))
            .build();

    @AfterEach
    void stop() {
        handoff.close();
        twilio.close();
    }

    @Test
    void I4_one_that_twilio_refuses_for_good_is_surfaced_and_the_rest_arrives_in_order() {
        twilio.answersTo(MARIA, Answer.accepted(), Answer.accepted(), Answer.error(400, 21610, "unsubscribed"));

        surfaced(fiveWith(Content.text("três")), "Twilio 21610: unsubscribed");
    }

    @Test
    void I4_one_that_needs_a_template_is_surfaced_and_the_rest_arrives_in_order() {
        twilio.answersTo(MARIA, Answer.accepted(), Answer.accepted(), Answer.error(400, 63016, "outside"));

        surfaced(fiveWith(Content.text("três")), "needs an approved template: Twilio 63016: outside");
    }

    @Test
    void I4_one_that_can_never_be_built_is_surfaced_and_the_rest_arrives_in_order() {
        Content broken = new Content("três", List.of(new Media("not a url", null)), null);

        surfaced(fiveWith(broken), "not a message that Twilio could take");
    }

    @Test
    void I4_one_whose_attempts_are_used_up_is_surfaced_and_the_rest_arrives_in_order() {
        Answer notNow = Answer.error(400, 30008, "unknown error");
        twilio.answersTo(MARIA, Answer.accepted(), Answer.accepted(), notNow, notNow, notNow);

        surfaced(fiveWith(Content.text("três")), "given up after 3 attempts: Twilio 30008: unknown error");
    }

    private ConversationId fiveWith(Content third) {
        handoff.roster().register(Agent.agent("ana"));
        AgentDesk ana = handoff.as(Agent.agent("ana"));
        ConversationId id = Sends.received(handoff, Sends.ADDRESS, "SM1");
        ana.takeOver(id);
        List.of(Content.text("um"), Content.text("dois"), third, Content.text("quatro"), Content.text("cinco"))
                .forEach(content -> ana.reply(id, content));
        return id;
    }

    private void surfaced(ConversationId id, String reason) {
        for (int i = 0; i < 100; i++) {
            handoff.dispatchOutboundOnce();
            time.advance(Duration.ofSeconds(1));
        }

        List<Message> said = handoff.history().messages(id, 1, 10);
        assertThat(said)
                .extracting(Message::delivery)
                .containsExactly(Delivery.SENT, Delivery.SENT, Delivery.FAILED, Delivery.SENT, Delivery.SENT);
        assertThat(said.get(2).error()).startsWith(reason);
        assertThat(handoff.deadLetters("default", 10))
                .extracting(Message::id)
                .containsExactly(said.get(2).id());
        assertThat(twilio.messages()).extracting(FakeMessage::body).containsExactly("um", "dois", "quatro", "cinco");
    }
}
