package dev.handoff.runner;

import static dev.handoff.runner.Service.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.Handoff;
import dev.handoff.bot.BotReply;
import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.model.Tenant;
import dev.handoff.runner.webhooks.MissedWebhooks;
import dev.handoff.store.History.Query;
import dev.handoff.twilio.MissedMessages;
import dev.handoff.twilio.TwilioChannel;
import dev.handoff.twilio.TwilioSettings;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeTwilio;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MissedWebhooksTest {
    private static final String INBOX = "whatsapp:+14155238886";
    private static final String MARIA = "whatsapp:+5511987654321";

    private final FakeTwilio twilio = FakeTwilio.start();
    private final TwilioSettings settings =
            twilio.settings("https://bot.example.com").build();
    private final Handoff handoff = Handoff.builder()
            .store(new InMemoryConversationStore())
            .channel(TwilioChannel.of(settings))
            .bot(turn -> BotReply.text("echo"))
            .build();

    /** Two minutes ahead, since the last one is left to the webhooks. */
    private final MissedWebhooks missed = new MissedWebhooks(
            MissedMessages.of(settings),
            handoff,
            INBOX,
            Duration.ofMillis(20),
            () -> Instant.now().plusSeconds(120));

    @AfterEach
    void stop() {
        missed.close();
        handoff.close();
        twilio.close();
    }

    @Test
    void I3_a_message_whose_webhook_was_lost_is_stored_once_however_often_one_looks() {
        twilio.inboundParameters(MARIA, INBOX, "ninguém aí?");

        missed.start();
        await(() -> twilio.requests().size(), looks -> looks >= 3);

        assertThat(stored()).containsExactly("ninguém aí?");
    }

    @Test
    void a_twilio_that_does_not_answer_is_asked_again_and_nothing_is_skipped() {
        twilio.inboundParameters(MARIA, INBOX, "ninguém aí?");
        twilio.listsAlways(Answer.status(503));

        missed.start();
        await(() -> twilio.requests().size(), looks -> looks >= 2);
        assertThat(stored()).isEmpty();
        twilio.listsAlways(Answer.accepted());

        await(this::stored, stored -> stored.equals(List.of("ninguém aí?")));
    }

    private List<String> stored() {
        return handoff
                .history()
                .conversations(new Query(Tenant.DEFAULT, null, null, null, null, 10, null))
                .items()
                .stream()
                .flatMap(conversation -> handoff.history().messages(conversation.id(), 0, 10).stream())
                .map(message -> message.content().text())
                .toList();
    }
}
