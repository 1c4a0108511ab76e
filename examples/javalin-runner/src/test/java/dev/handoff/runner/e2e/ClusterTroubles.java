package dev.handoff.runner.e2e;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/** All that befalls a cluster, drawn from a seed: each node has its own share, and PostgreSQL has. */
final class ClusterTroubles {

    /** How many of each. */
    record Plan(int kills, int pauses, int faults, int immediate) {}

    private enum Kind {
        KILL,
        PAUSE,
        FAULT
    }

    private static final List<String> FAULTS = List.of("reset", "cut off", "half-open", "delay", "cut at", "cut at");

    /** By what happened; guarded by itself. */
    final Map<String, Integer> counts = new TreeMap<>();

    /** Runners that ended though nobody had killed them. */
    final Queue<String> ended = new ConcurrentLinkedQueue<>();

    private final Cluster cluster;
    private final List<Thread> lanes = new ArrayList<>();
    private volatile boolean stopped;

    ClusterTroubles(Cluster cluster, MortalPostgres postgres, Plan plan, long seed) {
        this.cluster = cluster;
        Random random = new Random(seed + 3_000);
        List<Kind> drawn = new ArrayList<>();
        drawn.addAll(Collections.nCopies(plan.kills, Kind.KILL));
        drawn.addAll(Collections.nCopies(plan.pauses, Kind.PAUSE));
        drawn.addAll(Collections.nCopies(plan.faults, Kind.FAULT));
        Collections.shuffle(drawn, random);
        int nodes = cluster.nodes.size();
        for (int i = 0; i < nodes; i++) {
            Cluster.Node node = cluster.nodes.get(i);
            List<Kind> mine = new ArrayList<>();
            for (int k = i; k < drawn.size(); k += nodes) {
                mine.add(drawn.get(k));
            }
            Random lane = new Random(seed + 4_000 + i);
            lanes.add(cluster.start("troubles of " + node.name(), () -> troubleNode(node, mine, lane)));
        }
        // Spread over about the time that the nodes' troubles take.
        int seconds = (plan.kills * 7 + plan.pauses * 19 + plan.faults * 3) / nodes;
        int between = 2_000 * seconds / Math.max(1, plan.immediate + 1);
        Random lane = new Random(seed + 5_000);
        lanes.add(cluster.start("troubles of PostgreSQL", () -> {
            for (int i = 0; i < plan.immediate && !stopped; i++) {
                aMoment(lane, between);
                postgres.endImmediately();
                aMoment(lane, 1_500);
                postgres.startAgain();
                count("PostgreSQL ended and restarted");
            }
        }));
    }

    boolean areOver() {
        return lanes.stream().noneMatch(Thread::isAlive);
    }

    void interrupt() {
        stopped = true;
        lanes.forEach(Thread::interrupt);
    }

    private void count(String what) {
        synchronized (counts) {
            counts.merge(what, 1, Integer::sum);
        }
    }

    private void troubleNode(Cluster.Node node, List<Kind> troubles, Random random) {
        for (Kind kind : troubles) {
            if (stopped) {
                return;
            }
            beginAgainIfEnded(node);
            aMoment(random, 1_200);
            switch (kind) {
                case KILL -> {
                    node.runner().kill();
                    count("kills");
                    node.runner().beginAgain();
                    awaitReady(node, random);
                }
                case PAUSE -> {
                    node.runner().pause();
                    try {
                        // Past the leases of messages and turns, 15 s both, and sometimes past what comes of that.
                        aMoment(random, 15_200, 19_000);
                    } finally {
                        node.runner().resume();
                    }
                    count("pauses");
                }
                case FAULT -> fault(node, random);
            }
        }
        beginAgainIfEnded(node);
    }

    private void beginAgainIfEnded(Cluster.Node node) {
        if (!node.runner().isAlive()) {
            String printed = node.runner().printed();
            ended.add(node.name() + " ended: " + printed.substring(Math.max(0, printed.length() - 3_000)));
            node.runner().beginAgain();
        }
    }

    /** As a rule; sometimes a node is troubled again before it is ready. */
    private void awaitReady(Cluster.Node node, Random random) {
        long end = System.nanoTime()
                + Duration.ofMillis(random.nextInt(20) == 0 ? 500 : 15_000).toNanos();
        while (!stopped && System.nanoTime() < end && !node.isReady()) {
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private void fault(Cluster.Node node, Random random) {
        boolean database = random.nextBoolean();
        Wire wire = database ? node.database() : node.twilio();
        String kind = FAULTS.get(random.nextInt(FAULTS.size()));
        String what = (database ? "database " : "Twilio ") + kind;
        boolean lost = true;
        try {
            switch (kind) {
                case "reset" -> wire.reset();
                case "cut off" -> {
                    wire.cutOff();
                    aMoment(random, 200, 2_500);
                }
                case "half-open" -> {
                    wire.hold();
                    // Twilio is given up after 8 s, the database after 10.
                    int millis = random.nextInt(4) == 0 ? 11_000 : 500 + random.nextInt(4_000);
                    LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
                    // What a client has given up on long ago is not delivered after all.
                    lost = millis > 5_000 || random.nextBoolean();
                }
                case "delay" -> {
                    wire.delay(Duration.ofMillis(20 + random.nextInt(database ? 150 : 1_500)));
                    aMoment(random, 500, 2_500);
                }
                default -> {
                    Wire.Moment moment = !database
                            ? Wire.Moment.SEND
                            : random.nextInt(3) == 0 ? Wire.Moment.STATEMENT : Wire.Moment.COMMIT;
                    boolean before = random.nextInt(3) == 0;
                    wire.cutAt(moment, before);
                    long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
                    while (wire.cuts() == 0 && System.nanoTime() < end && !stopped) {
                        LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
                    }
                    what += " " + moment + (before ? ", not passed" : ", answer lost")
                            + (wire.cuts() == 0 ? " (nothing came)" : "");
                }
            }
        } finally {
            wire.heal(lost);
        }
        count(what);
    }

    private void aMoment(Random random, int atMostMillis) {
        aMoment(random, 0, atMostMillis);
    }

    private void aMoment(Random random, int atLeastMillis, int atMostMillis) {
        long end = System.nanoTime()
                + Duration.ofMillis(atLeastMillis + random.nextInt(Math.max(1, atMostMillis - atLeastMillis)))
                        .toNanos();
        for (long left = end - System.nanoTime(); left > 0 && !stopped; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
