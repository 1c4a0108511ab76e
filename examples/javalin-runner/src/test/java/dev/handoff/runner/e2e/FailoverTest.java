package dev.handoff.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The PostgreSQL under two runners dies with its machine, again and again: its synchronous replica is promoted, a new one
 * is made, and the runners, which nobody restarts, find the new primary by themselves. Every other machine dies silently,
 * so that its clients wait for answers that nobody will ever refuse them.
 *
 * <p>The long version, and one that has failed once more, with its seed:
 *
 * <pre>{@code
 * ./mvnw verify -pl examples/javalin-runner -am -Dtest=FailoverTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dhandoff.test.failovers=10
 * ./mvnw verify … -Dhandoff.test.seed=SEED
 * }</pre>
 */
class FailoverTest {
    private static final int FAILOVERS = Integer.getInteger("handoff.test.failovers", 2);
    private static final int NODES = 2;
    private static final int CUSTOMERS = 64;

    /** Acknowledged after each failover before the next. */
    private static final int MESSAGES = 100;

    @Test
    @Timeout(3600)
    void what_is_promised_holds_when_the_primary_dies_and_its_replica_takes_over() throws Exception {
        long seed = Long.getLong("handoff.test.seed", System.nanoTime());
        System.out.println("FailoverTest seed " + seed + " (-Dhandoff.test.seed=" + seed + ")");
        Random random = new Random(seed);
        ReplicatedPostgres postgres = ReplicatedPostgres.start();
        try (Cluster cluster = new Cluster(NODES, postgres);
                ClusterWork work = new ClusterWork(cluster, CUSTOMERS, seed)) {
            for (int failover = 0; failover < FAILOVERS; failover++) {
                LockSupport.parkNanos(Duration.ofMillis(random.nextInt(1500)).toNanos());
                List<Wire> wires = cluster.wiresTo(postgres.primaryPort());
                if (failover % 2 == 1) {
                    wires.forEach(Wire::hold);
                }
                postgres.failOver(Duration.ofMillis(random.nextInt(500)));
                postgres.makeReplica();
                awaitMoreMessages(work);
                wires.forEach(wire -> wire.heal(true));
            }
            work.stop();
            ClusterVerdict verdict = work.verdict();
            verdict.breaches().put("answered without the replica", postgres.waitsCancelled());
            print(work.customers, verdict);
            assertThat(cluster.nodes).allMatch(node -> node.runner().isAlive());
            assertThat(verdict.breaches())
                    .as("seed " + seed)
                    .allSatisfy((rule, found) -> assertThat(found).as(rule).isEmpty());
        }
    }

    private static void awaitMoreMessages(ClusterWork work) {
        int before = work.customers.acknowledged.size();
        Await.until(
                "customers are heard",
                Duration.ofSeconds(60),
                () -> work.customers.acknowledged.size() >= before + MESSAGES);
    }

    private static void print(ClusterCustomers customers, ClusterVerdict verdict) {
        Map<String, Object> figures = verdict.figures();
        System.out.println("FailoverTest: " + FAILOVERS + " failovers, " + customers.acknowledged.size()
                + " webhooks acknowledged, " + verdict.breaches().get("lost").size() + " messages missing, "
                + figures.get("accepted by Twilio") + " messages accepted by Twilio, " + figures.get("sent")
                + " sent, " + figures.get("unknown for a while") + " unknown for a while, "
                + figures.get("twice, and marked as unknown") + " of them twice, longest without service "
                + Duration.ofNanos(customers.longestSilentNanos.get()).toMillis() / 1000.0 + " s");
        verdict.breaches()
                .forEach(
                        (rule, found) -> found.stream().limit(5).forEach(one -> System.out.println(rule + ": " + one)));
    }
}
