package dev.handoff.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class SimulationTest {
    private static final long FIRST_SEED = Long.getLong("handoff.test.seed", 1);
    private static final long HISTORIES = Long.getLong("handoff.test.histories", 20_000);
    private static final int SHRINKING_RUNS = Integer.getInteger("handoff.test.shrinking", 5_000);
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.handoff");
    private static final Level LEVEL = LOG.getLevel();

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
    void I1_to_I12_hold_in_every_history() throws Exception {
        AtomicLong next = new AtomicLong(FIRST_SEED);
        int workers = Runtime.getRuntime().availableProcessors();
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        long begun = System.nanoTime();
        try {
            List<Future<Tally>> tallies = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                Callable<Tally> worker = () -> run(next);
                tallies.add(threads.submit(worker));
            }
            long facts = 0;
            long choices = 0;
            List<Long> broken = new ArrayList<>();
            for (Future<Tally> tally : tallies) {
                facts += tally.get().facts;
                choices += tally.get().choices;
                broken.addAll(tally.get().broken);
            }
            System.out.printf(
                    "Simulation: %,d histories from seed %d, %,d facts, %,d choices, %d broken, in %,d s%n",
                    HISTORIES, FIRST_SEED, facts, choices, broken.size(), (System.nanoTime() - begun) / 1_000_000_000);
            assertThat(broken).as(() -> told(broken)).isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void the_same_seed_gives_the_same_history_byte_for_byte() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + 50; seed++) {
            String story = Story.of(new Simulation().ofSeed(seed));

            assertThat(Story.of(new Simulation().ofSeed(seed)))
                    .as("seed %s", seed)
                    .isEqualTo(story);
        }
    }

    @Test
    void the_choices_of_a_history_lead_to_it_again() {
        Simulation simulation = new Simulation();
        Simulation.Run run = simulation.ofSeed(FIRST_SEED);

        assertThat(Story.of(simulation.following(run.choices()))).isEqualTo(Story.of(run));
    }

    private static final class Tally {
        long facts;
        long choices;
        final List<Long> broken = new ArrayList<>();
    }

    private static Tally run(AtomicLong next) {
        Simulation simulation = new Simulation();
        Tally tally = new Tally();
        for (long seed = next.getAndIncrement(); seed < FIRST_SEED + HISTORIES; seed = next.getAndIncrement()) {
            Simulation.Run run = simulation.ofSeed(seed);
            tally.facts += run.history().entries().size();
            tally.choices += run.choices().length;
            if (!run.isClean()) {
                tally.broken.add(seed);
            }
        }
        return tally;
    }

    private static String told(List<Long> broken) {
        if (broken.isEmpty()) {
            return "";
        }
        Simulation simulation = new Simulation();
        Simulation.Run simplest = simulation.simplest(simulation.ofSeed(broken.get(0)), SHRINKING_RUNS);
        return broken.size() + " histories are broken, of seeds "
                + broken.stream().limit(10).toList() + ". Replay one with -Dtest=SimulationTest -Dhandoff.test.seed="
                + broken.get(0) + " -Dhandoff.test.histories=1. A simple story of its kind:\n" + Story.of(simplest);
    }
}
