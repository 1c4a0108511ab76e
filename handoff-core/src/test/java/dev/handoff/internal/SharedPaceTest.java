package dev.handoff.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.Channel;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.channel.SendResult;
import dev.handoff.machine.Command;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A provider that takes so many messages in any second and answers the others 429. */
class SharedPaceTest {
    private static final int ALLOWED = 80;
    private static final Duration WATCHED = Duration.ofSeconds(60);

    private final Rig rig = new Rig();
    private final List<Instant> sent = new ArrayList<>();
    private final Deque<Instant> lastSecond = new ArrayDeque<>();
    private int most;
    private int refused;

    private final Channel provider = new ChannelInFront(rig.channel) {
        @Override
        public SendResult send(OutboundMessage message) {
            Instant now = rig.time.instant();
            while (!lastSecond.isEmpty() && !lastSecond.peek().isAfter(now.minusSeconds(1))) {
                lastSecond.remove();
            }
            lastSecond.add(now);
            most = Math.max(most, lastSecond.size());
            if (lastSecond.size() > ALLOWED) {
                refused++;
                return new SendResult.Retry("429", Duration.ofSeconds(1), true);
            }
            sent.add(now);
            return super.send(message);
        }
    };

    @AfterEach
    void close() {
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void nodes_share_what_a_provider_allows_and_use_nearly_all_of_it(int nodes) {
        ExecutorService thread = VirtualTime.oneAfterTheOther();
        OutboundSettings settings = OutboundSettings.defaults();
        List<Sender> senders = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            senders.add(new Sender(
                    rig.store,
                    Map.of("fake", provider),
                    settings,
                    new Backoff(settings.retryBase(), settings.retryCap(), new Random(i)),
                    new VirtualTime(rig.time),
                    () -> thread,
                    () -> {}));
        }
        for (int i = 0; i < ALLOWED * WATCHED.toSeconds() + ALLOWED; i++) {
            rig.does(rig.hears("customer" + i, "oi"), new Command.BotReplies(1, 1, BotReply.text("olá")));
        }
        Random turns = new Random(nodes);
        Instant end = rig.time.instant().plus(WATCHED);
        while (rig.time.instant().isBefore(end)) {
            if (senders.get(turns.nextInt(nodes)).begin(() -> {}).isEmpty()) {
                rig.time.advance(Duration.ofMillis(10));
            }
        }

        long within = sent.stream().filter(at -> at.isBefore(end)).count();
        double used = 100.0 * within / (ALLOWED * WATCHED.toSeconds());
        System.out.printf(
                "Pace: %d nodes, %d a second allowed: %,d sent in %s (%.1f %%), at most %d in any second, %d refused%n",
                nodes, ALLOWED, within, WATCHED, used, most, refused);
        assertThat(most).isLessThanOrEqualTo(ALLOWED);
        assertThat(refused).isZero();
        assertThat(used).isGreaterThanOrEqualTo(90);
    }
}
