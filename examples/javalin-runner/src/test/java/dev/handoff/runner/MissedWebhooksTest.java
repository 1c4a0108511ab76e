package dev.handoff.runner;

import static dev.handoff.runner.Service.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.Handoff;
import dev.handoff.bot.BotReply;
import dev.handoff.channel.InboundMessage;
import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.model.Content;
import dev.handoff.model.Tenant;
import dev.handoff.runner.webhooks.MissedWebhooks;
import dev.handoff.store.History.Query;
import dev.handoff.twilio.MissedMessages;
import dev.handoff.twilio.TwilioChannel;
import dev.handoff.twilio.TwilioSettings;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeTwilio;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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

    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ofMinutes(2));

    /** Two minutes ahead, since the last one is left to the webhooks. */
    private final MissedWebhooks missed =
            new MissedWebhooks(MissedMessages.of(settings), handoff, INBOX, Duration.ofMillis(20), this::time);

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

    @Test
    void I3_a_twilio_that_was_away_for_a_day_costs_no_message() {
        missed.start();
        // The second is asked for once the first is read: an answer is chosen after its request is counted.
        await(() -> twilio.requests().size(), looks -> looks >= 2);
        twilio.listsAlways(Answer.status(503));
        int before = twilio.requests().size();
        await(() -> twilio.requests().size(), looks -> looks >= before + 2);
        twilio.inboundParameters(MARIA, INBOX, "ninguém aí?");
        ahead.set(Duration.ofDays(1));
        int later = twilio.requests().size();
        await(() -> twilio.requests().size(), looks -> looks >= later + 2);

        twilio.listsAlways(Answer.accepted());

        await(this::stored, stored -> stored.equals(List.of("ninguém aí?")));
    }

    @Test
    void a_message_that_cannot_be_stored_keeps_no_other_from_being_stored_and_is_tried_again() {
        twilio.inboundParameters(MARIA, INBOX, "poison");
        twilio.inboundParameters(MARIA, INBOX, "ninguém aí?");
        AtomicInteger tries = new AtomicInteger();
        Handoff refusing = (Handoff) Proxy.newProxyInstance(
                Handoff.class.getClassLoader(), new Class<?>[] {Handoff.class}, (proxy, method, arguments) -> {
                    if (((InboundMessage) arguments[0]).content().equals(Content.text("poison"))
                            && tries.incrementAndGet() < 3) {
                        throw new IllegalStateException("it cannot be stored");
                    }
                    return method.invoke(handoff, arguments);
                });
        try (MissedWebhooks poisoned =
                new MissedWebhooks(MissedMessages.of(settings), refusing, INBOX, Duration.ofMillis(20), this::time)) {
            poisoned.start();

            await(this::stored, stored -> stored.equals(List.of("ninguém aí?", "poison")));
        }
    }

    private Instant time() {
        return Instant.now().plus(ahead.get());
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
