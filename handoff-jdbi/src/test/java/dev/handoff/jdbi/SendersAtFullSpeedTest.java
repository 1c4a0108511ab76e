package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.Handoff;
import dev.handoff.bot.BotReply;
import dev.handoff.channel.Channel;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.ConversationStore;
import dev.handoff.testkit.Draft;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nodes with all their threads over one PostgreSQL, and a provider that takes its time. Real time is what is measured: with
 * {@code -Dhandoff.test.seconds=60} the figures are judged; the few seconds of every build show that all of it works.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class SendersAtFullSpeedTest {
    private static final int SECONDS = Integer.getInteger("handoff.test.seconds", 2);
    private static final boolean JUDGED = SECONDS >= 30;
    private static final int ALLOWED = 80;
    private static final int HEALTHY = 20;
    private static final int HEALTHY_RATE = 10;
    private static final Duration LATENCY = Duration.ofMillis(30);
    private static final String SLOW = "slow";
    private static final Duration SLOWLY = Duration.ofSeconds(10);

    private record Send(String inbox, MessageId message, Instant mayBegin, long at) {}

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void nodes_share_what_a_provider_allows(int count) throws Exception {
        Provider provider = new Provider(ALLOWED * SECONDS);
        try (Nodes nodes = new Nodes(count, provider, ALLOWED)) {
            nodes.queue("inbox", ALLOWED * SECONDS);
            nodes.start();
            provider.awaitAll();
        }

        List<Send> sends = List.copyOf(provider.sends);
        int most = mostInASecond(sends);
        double used = 100 * throughput(sends) / ALLOWED;
        System.out.printf(
                "Pace: %d nodes, %d a second allowed: %,d sent at %.1f %% of it, at most %d in any second%n",
                count, ALLOWED, sends.size(), used, most);
        assertThat(sends).extracting(Send::message).as("each once").doesNotHaveDuplicates();
        List<Instant> begins = sends.stream().map(Send::mayBegin).sorted().toList();
        for (int i = 1; i < begins.size(); i++) {
            assertThat(Duration.between(begins.get(i - 1), begins.get(i)))
                    .as("whatever the threads did, by the store's clock")
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(1).dividedBy(ALLOWED));
        }
        if (JUDGED) {
            assertThat(most).isLessThanOrEqualTo(ALLOWED);
            assertThat(used).isGreaterThanOrEqualTo(90);
        }
    }

    @Test
    void a_sender_that_takes_ten_seconds_leaves_twenty_others_their_throughput() throws Exception {
        double alone = healthyThroughput(false);
        double beside = healthyThroughput(true);

        System.out.printf(
                "Bulkhead: %d senders sent %.1f a second alone, and %.1f beside one that takes 10 s (%.1f %%)%n",
                HEALTHY, alone, beside, 100 * beside / alone);
        if (JUDGED) {
            assertThat(beside).isGreaterThanOrEqualTo(alone * 0.95);
        }
    }

    private static double healthyThroughput(boolean besideSlow) throws Exception {
        int each = HEALTHY_RATE * SECONDS;
        Provider provider = new Provider(HEALTHY * each);
        try (Nodes nodes = new Nodes(1, provider, HEALTHY_RATE)) {
            if (besideSlow) {
                nodes.queue(SLOW, 500);
            }
            for (int i = 0; i < HEALTHY; i++) {
                nodes.queue("healthy" + i, each);
            }
            nodes.start();
            provider.awaitAll();
        }
        assertThat(provider.most.get())
                .as("the slow one's sends at once")
                .isLessThanOrEqualTo(OutboundSettings.defaults().concurrency());
        return throughput(provider.sends.stream()
                .filter(send -> !send.inbox().equals(SLOW))
                .toList());
    }

    private static double throughput(List<Send> sends) {
        LongSummaryStatistics at = sends.stream().mapToLong(Send::at).summaryStatistics();
        return (sends.size() - 1) * 1e9 / (at.getMax() - at.getMin());
    }

    private static int mostInASecond(List<Send> sends) {
        long[] at = sends.stream().mapToLong(Send::at).sorted().toArray();
        int most = 0;
        int from = 0;
        for (int i = 0; i < at.length; i++) {
            while (at[i] - at[from] >= TimeUnit.SECONDS.toNanos(1)) {
                from++;
            }
            most = Math.max(most, i - from + 1);
        }
        return most;
    }

    /** Nodes as processes would be: each with a pool and workers of its own, over one database. */
    private static final class Nodes implements AutoCloseable {
        private final List<TestDatabase> pools = new ArrayList<>();
        private final List<Handoff> nodes = new ArrayList<>();

        Nodes(int count, Channel channel, double rate) {
            String url = PostgresServers.jdbcUrl(PostgresServers.OLDEST);
            for (int i = 0; i < count; i++) {
                TestDatabase pool = TestDatabase.at(url);
                pools.add(pool);
                if (i == 0) {
                    pool.migrated();
                }
                nodes.add(Handoff.builder()
                        .store(pool.store())
                        .channel(channel)
                        .bot(turn -> BotReply.silence())
                        .outbound(OutboundSettings.defaults().pace(rate, 10))
                        .build());
            }
        }

        void queue(String inbox, int messages) {
            ConversationStore store = pools.get(0).store();
            Instant now = store.now();
            List<ChangeSet> changes = new ArrayList<>();
            for (int i = 0; i < messages; i++) {
                changes.add(Draft.opening(new ConversationAddress(Samples.TENANT, "fake", inbox, "customer" + i), now)
                        .says(MessageOwner.SYSTEM, "hello")
                        .done());
            }
            for (int i = 0; i < messages; i += 100) {
                store.commit(changes.subList(i, Math.min(messages, i + 100)));
            }
        }

        void start() {
            nodes.forEach(Handoff::start);
        }

        @Override
        public void close() {
            nodes.forEach(Handoff::close);
            pools.forEach(TestDatabase::close);
        }
    }

    /** Notes when each send arrives, and answers later. */
    private static final class Provider implements Channel {
        private final ConcurrentLinkedQueue<Send> sends = new ConcurrentLinkedQueue<>();
        private final CountDownLatch left;
        private final CountDownLatch over = new CountDownLatch(1);
        private final AtomicInteger slow = new AtomicInteger();
        private final LongAccumulator most = new LongAccumulator(Math::max, 0);

        /** @param expected how many are to come from others than the slow inbox */
        Provider(int expected) {
            this.left = new CountDownLatch(expected);
        }

        /** Waits for those that are to come; the slow inbox is answered at once from then on. */
        void awaitAll() throws InterruptedException {
            assertThat(left.await(SECONDS * 20L + 60, TimeUnit.SECONDS)).isTrue();
            over.countDown();
        }

        private void answerSlowly() {
            try {
                over.await(SLOWLY.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public Optional<String> refuses(
                ConversationAddress address, Content content, @Nullable Instant lastInboundAt, Instant now) {
            return Optional.empty();
        }

        @Override
        public int maxTextLength() {
            return 1600;
        }

        @Override
        public SendResult send(OutboundMessage message) {
            String inbox = message.address().inbox();
            sends.add(new Send(inbox, message.id(), message.attemptedAt(), System.nanoTime()));
            most.accumulate(inbox.equals(SLOW) ? slow.incrementAndGet() : 0);
            if (inbox.equals(SLOW)) {
                answerSlowly();
                slow.decrementAndGet();
            } else {
                LockSupport.parkNanos(LATENCY.toNanos());
                left.countDown();
            }
            return new SendResult.Sent("sent-" + message.attemptToken());
        }

        @Override
        public LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
            return new LookupResult.NotFound();
        }
    }
}
