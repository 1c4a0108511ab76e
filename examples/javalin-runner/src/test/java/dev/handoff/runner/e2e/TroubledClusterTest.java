package dev.handoff.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three runners over one PostgreSQL are killed, paused and cut off, PostgreSQL is ended without farewell, while customers
 * write and agents work. When all is well again, what the library promises is held against what others have recorded.
 *
 * <p>The short version is part of every build. The long one, and one that has failed once more, with its seed:
 *
 * <pre>{@code
 * ./mvnw verify -pl examples/javalin-runner -am -Dtest=TroubledClusterTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dhandoff.test.kills=200 -Dhandoff.test.immediate=50 -Dhandoff.test.faults=500 -Dhandoff.test.pauses=50 \
 *     -Dhandoff.test.messages=100000 -Dsurefire.timeout=7200
 * ./mvnw verify … -Dhandoff.test.seed=SEED
 * }</pre>
 *
 * <p>A seed draws the same troubles, each node's in the same order; whom they meet is up to the machine.
 */
class TroubledClusterTest {
    private static final int NODES = 3;
    private static final ClusterTroubles.Plan PLAN = new ClusterTroubles.Plan(
            Integer.getInteger("handoff.test.kills", 6),
            Integer.getInteger("handoff.test.pauses", 1),
            Integer.getInteger("handoff.test.faults", 18),
            Integer.getInteger("handoff.test.immediate", 2));
    private static final int MESSAGES = Integer.getInteger("handoff.test.messages", 600);

    @Test
    @Timeout(7200)
    void what_is_promised_holds_whatever_dies_stops_or_is_cut_off() throws Exception {
        long seed = Long.getLong("handoff.test.seed", System.nanoTime());
        System.out.println("TroubledClusterTest seed " + seed + " (-Dhandoff.test.seed=" + seed + ")");
        Instant begun = Instant.now();
        MortalPostgres postgres = MortalPostgres.start();
        try (Cluster cluster = new Cluster(NODES, postgres);
                ClusterWork work = new ClusterWork(cluster, Math.max(64, MESSAGES / 250), seed)) {
            ClusterTroubles troubles = new ClusterTroubles(cluster, postgres, PLAN, seed);
            try {
                while (cluster.failures.isEmpty()
                        && (!troubles.areOver() || work.customers.acknowledged.size() < MESSAGES)) {
                    LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                }
                work.stop();
                Duration troubled = Duration.between(begun, Instant.now());
                ClusterVerdict verdict = work.verdict();
                Map<String, List<String>> breaches = verdict.breaches();
                breaches.put("ended by themselves", List.copyOf(troubles.ended));
                print(seed, troubled, Duration.between(begun, Instant.now()), work, troubles, verdict);
                assertThat(breaches)
                        .as("seed " + seed)
                        .allSatisfy((rule, found) -> assertThat(found).as(rule).isEmpty());
            } finally {
                troubles.interrupt();
            }
        }
    }

    private static void print(
            long seed,
            Duration troubled,
            Duration all,
            ClusterWork work,
            ClusterTroubles troubles,
            ClusterVerdict verdict) {
        StringBuilder table = new StringBuilder("TroubledClusterTest, seed " + seed + "\n");
        row(table, "seconds of trouble", troubled.toSeconds());
        row(table, "seconds in all", all.toSeconds());
        synchronized (troubles.counts) {
            troubles.counts.forEach((what, count) -> row(table, what, count));
        }
        row(table, "webhooks acknowledged", work.customers.acknowledged.size());
        row(table, "webhooks repeated", work.customers.repeated.get());
        row(table, "commands answered", work.desks.commands.get());
        row(table, "of them refused", work.desks.refused.get());
        row(table, "agents' messages acknowledged", work.desks.answers.size());
        verdict.figures().forEach((what, figure) -> row(table, what, figure));
        table.append("  -- and of these there may be none --\n");
        verdict.breaches().forEach((rule, found) -> row(table, rule, found.size()));
        verdict.breaches()
                .forEach((rule, found) -> found.stream()
                        .limit(5)
                        .forEach(one ->
                                table.append(rule).append(": ").append(one).append('\n')));
        System.out.println(table);
    }

    private static void row(StringBuilder table, String what, Object figure) {
        table.append("  %-52s %10s%n".formatted(what, figure));
    }
}
