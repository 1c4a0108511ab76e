package dev.handoff.runner.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import dev.handoff.runner.e2e.ClusterVerdict.Said;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * What goes on in a cluster while a test troubles it: customers write, agents work, somebody follows the feed. When the
 * troubles are over, everything is brought to its end and judged. Closing it ends what still goes on.
 */
final class ClusterWork implements AutoCloseable {
    private static final Duration UNTIL_ALL_IS_DONE = Duration.ofSeconds(150);

    final ClusterCustomers customers;
    final ClusterDesks desks;

    private final Cluster cluster;
    private final long seed;
    private final ClusterFeed listener;
    private final Thread following;

    /** Begins as soon as every runner is ready. */
    ClusterWork(Cluster cluster, int customers, long seed) {
        this.cluster = cluster;
        this.seed = seed;
        for (Cluster.Node node : cluster.nodes) {
            Await.until(node.name() + " is ready: " + node.runner().printed(), Duration.ofSeconds(90), node::isReady);
        }
        this.listener = new ClusterFeed(cluster, seed + 1);
        this.following = listener.follow();
        this.customers = new ClusterCustomers(cluster, customers, seed);
        this.desks = new ClusterDesks(cluster, seed);
    }

    /** Nobody begins anything more; what they are at is brought to its end. */
    void stop() throws InterruptedException {
        customers.stop();
        desks.stop();
    }

    /** What has become of it all, once everything is finished or should have been. */
    ClusterVerdict verdict() throws InterruptedException {
        List<String> unfinished = finish();
        List<JsonNode> conversations = cluster.conversations();
        Map<String, List<Said>> history = ClusterVerdict.history(cluster, conversations);
        ClusterFeed feed = feedInTheEnd(conversations, history);
        Await.until(
                "the listener has heard all", Duration.ofSeconds(30), () -> listener.told.size() >= feed.told.size());
        listener.stop();
        following.join();
        ClusterVerdict verdict = new ClusterVerdict(cluster, conversations, history, feed, listener, customers, desks);
        verdict.breaches().put("unfinished", unfinished);
        verdict.breaches().put("odd answers", List.copyOf(cluster.oddAnswers));
        verdict.breaches().put("failures of the test's own", List.copyOf(cluster.failures));
        return verdict;
    }

    /** What was committed last may be told a little later; what is never told is the verdict's to say. */
    private ClusterFeed feedInTheEnd(List<JsonNode> conversations, Map<String, List<Said>> history) {
        ClusterFeed feed = new ClusterFeed(cluster, seed);
        long giveUp = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!feed.read().tells(conversations, history) && System.nanoTime() - giveUp < 0) {
            LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        }
        return feed;
    }

    @Override
    public void close() {
        customers.interrupt();
        desks.interrupt();
        listener.stop();
        following.interrupt();
    }

    /** Everything that was begun comes to its end by itself; what people still hold, the supervisor gives back. */
    private List<String> finish() {
        Random random = new Random(seed);
        long end = System.nanoTime() + UNTIL_ALL_IS_DONE.toNanos();
        while (true) {
            List<String> unfinished;
            try {
                desks.releaseAll(random);
                List<JsonNode> conversations = cluster.conversations();
                unfinished = ClusterVerdict.unfinished(conversations, ClusterVerdict.history(cluster, conversations));
            } catch (RuntimeException notYet) {
                unfinished = List.of("not even listed: " + notYet);
            }
            if (unfinished.isEmpty() || System.nanoTime() > end) {
                return unfinished;
            }
            LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        }
    }
}
