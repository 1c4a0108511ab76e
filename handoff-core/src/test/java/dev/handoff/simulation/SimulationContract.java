package dev.handoff.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.handoff.store.ConversationStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/**
 * What any store does for the whole engine on several nodes, in thousands of histories that are drawn from seeds: the nodes
 * die, are held and lose answers, and I1 to I12 hold all the same. For whoever writes a store; it takes its time from a
 * clock that is given, and need not survive. {@code handoff.test.seed} is the first seed, {@code handoff.test.histories}
 * says how many.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS) // as long as whoever runs it asks for
public abstract class SimulationContract {
    private static final long FIRST_SEED = Long.getLong("handoff.test.seed", 1);
    private static final int SHRINKING_RUNS = Integer.getInteger("handoff.test.shrinking", 5_000);
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.handoff");
    private static final Level LEVEL = LOG.getLevel();

    /** An empty store on this clock; the one before it is no longer used by the same thread. */
    protected abstract ConversationStore newStore(InstantSource time);

    /** How many histories, where nobody says. */
    protected abstract int histories();

    /** How many threads may run histories side by side, each on a store of its own. */
    protected abstract int sideBySide();

    /** What goes wrong here goes wrong on purpose, thousands of times. */
    @BeforeAll
    static void quiet() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void asBefore() {
        LOG.setLevel(LEVEL);
    }

    @Test
    protected void I1_to_I12_hold_in_every_history() throws Exception {
        AtomicLong next = new AtomicLong(FIRST_SEED);
        int workers = sideBySide();
        long histories = Long.getLong("handoff.test.histories", histories());
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        long begun = System.nanoTime();
        try {
            List<Future<Tally>> tallies = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                Callable<Tally> worker = () -> run(next, FIRST_SEED + histories);
                tallies.add(threads.submit(worker));
            }
            Tally all = new Tally();
            for (Future<Tally> tally : tallies) {
                all.add(tally.get());
            }
            List<Long> broken = all.broken;
            System.out.printf(
                    "%s: %,d histories from seed %d, %d broken, in %,d s: %,d choices, %s%n",
                    getClass().getSimpleName(),
                    histories,
                    FIRST_SEED,
                    broken.size(),
                    (System.nanoTime() - begun) / 1_000_000_000,
                    all.choices,
                    all.seen);
            assertThat(broken).as(() -> told(broken)).isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    protected void the_same_seed_gives_the_same_history_byte_for_byte() {
        Simulation simulation = new Simulation(this::newStore);
        for (long seed = FIRST_SEED; seed < FIRST_SEED + 20; seed++) {
            String story = Story.of(simulation.ofSeed(seed));

            assertThat(Story.of(simulation.ofSeed(seed))).as("seed %s", seed).isEqualTo(story);
        }
    }

    @Test
    protected void the_choices_of_a_history_lead_to_it_again() {
        Simulation simulation = new Simulation(this::newStore);
        Simulation.Run run = simulation.ofSeed(FIRST_SEED);

        assertThat(Story.of(simulation.following(run.choices()))).isEqualTo(Story.of(run));
    }

    private static final class Tally {
        long choices;
        final Map<String, Integer> seen = new TreeMap<>();
        final List<Long> broken = new ArrayList<>();

        void count(Simulation.Run run) {
            choices += run.choices().length;
            run.history().entries().forEach(entry -> seen.merge(kind(entry.fact()), 1, Integer::sum));
        }

        void add(Tally other) {
            choices += other.choices;
            other.seen.forEach((kind, count) -> seen.merge(kind, count, Integer::sum));
            broken.addAll(other.broken);
        }

        /** What a reader wants to see happen often enough. */
        private static String kind(Fact fact) {
            if (fact instanceof Fact.Committed committed && committed.change().controlChanged()) {
                return committed.inFlight().isEmpty()
                        ? "changes of control"
                        : "changes of control with sends in flight";
            } else if (fact instanceof Fact.Recorded recorded) {
                return "results " + recorded.result().verdict().getClass().getSimpleName();
            } else if (fact instanceof Fact.Happened happened) {
                return happened.what().contains("dies") || happened.what().contains("killed")
                        ? "deaths of nodes"
                        : "other troubles";
            }
            return fact.getClass().getSimpleName();
        }
    }

    private Tally run(AtomicLong next, long end) {
        Simulation simulation = new Simulation(this::newStore);
        Tally tally = new Tally();
        for (long seed = next.getAndIncrement(); seed < end; seed = next.getAndIncrement()) {
            Simulation.Run run = simulation.ofSeed(seed);
            tally.count(run);
            if (!run.isClean()) {
                tally.broken.add(seed);
            }
        }
        return tally;
    }

    private String told(List<Long> broken) {
        if (broken.isEmpty()) {
            return "";
        }
        Simulation simulation = new Simulation(this::newStore);
        Simulation.Run simplest = simulation.simplest(simulation.ofSeed(broken.get(0)), SHRINKING_RUNS);
        return broken.size() + " histories are broken, of seeds "
                + broken.stream().limit(10).toList() + ". Replay one with -Dtest="
                + getClass().getSimpleName() + " -Dhandoff.test.seed="
                + broken.get(0) + " -Dhandoff.test.histories=1. A simple story of its kind:\n" + Story.of(simplest);
    }
}
