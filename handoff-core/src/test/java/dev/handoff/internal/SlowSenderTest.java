package dev.handoff.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.Channel;
import dev.handoff.channel.InboundMessage;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.channel.SendResult;
import dev.handoff.machine.Command;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One sender whose provider does not answer, beside twenty whose does. */
class SlowSenderTest {
    private static final OutboundSettings SETTINGS = OutboundSettings.defaults().pace(1e9, 1e9);
    private static final int HEALTHY = 20;
    private static final int OF_EACH_HEALTHY = 10;
    private static final int OF_THE_SLOW = 300;

    private final Rig rig = new Rig();
    private final CountDownLatch answered = new CountDownLatch(1);
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger healthySent = new AtomicInteger();

    private final Channel channel = new ChannelInFront(rig.channel) {
        @Override
        public SendResult send(OutboundMessage message) {
            if (message.address().inbox().equals("slow")) {
                running.incrementAndGet();
                try {
                    answered.await();
                } catch (InterruptedException end) {
                    Thread.currentThread().interrupt();
                }
            } else {
                healthySent.incrementAndGet();
            }
            return super.send(message);
        }
    };

    @AfterEach
    void close() {
        answered.countDown();
        rig.close();
    }

    @Test
    void a_sender_that_does_not_answer_stops_nobody_else() throws Exception {
        Sender sender = new Sender(
                rig.store,
                Map.of("fake", channel),
                SETTINGS,
                new Backoff(SETTINGS.retryBase(), SETTINGS.retryCap(), new Random(1)),
                Rig.onItsOwnClock(),
                () -> rig.threads,
                () -> {});
        for (int i = 0; i < OF_THE_SLOW; i++) {
            says("slow", "customer" + i);
        }
        for (int inbox = 0; inbox < HEALTHY; inbox++) {
            for (int i = 0; i < OF_EACH_HEALTHY; i++) {
                says("healthy" + inbox, "customer" + i);
            }
        }

        List<CountDownLatch> all = new ArrayList<>();
        CountDownLatch healthyEnded = new CountDownLatch(HEALTHY * OF_EACH_HEALTHY);
        for (int i = 0; i < 100 && healthyEnded.getCount() > 0; i++) {
            List<CountDownLatch> begun = sender.begin(healthyEnded::countDown);
            all.addAll(begun);
            if (begun.isEmpty()) {
                break;
            }
        }

        assertThat(healthyEnded.await(15, TimeUnit.SECONDS)).isTrue();
        assertThat(healthySent.get()).isEqualTo(HEALTHY * OF_EACH_HEALTHY);
        assertThat(running.get()).as("no more than its share").isLessThanOrEqualTo(SETTINGS.concurrency());
        assertThat(all).hasSize(HEALTHY * OF_EACH_HEALTHY + SETTINGS.concurrency());
    }

    private void says(String inbox, String customer) {
        InboundMessage message = new InboundMessage(
                new ConversationAddress("acme", "fake", inbox, customer),
                "in-" + inbox + customer,
                Content.text("oi"),
                null,
                Map.of());
        ConversationId id = rig.receiver.receive(message).message().conversation();
        rig.does(id, new Command.BotReplies(1, 1, BotReply.text("olá")));
    }
}
