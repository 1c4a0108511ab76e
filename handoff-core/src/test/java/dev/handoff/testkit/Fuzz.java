package dev.handoff.testkit;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Throws mutations of known inputs at whatever reads what strangers send. Fails on whatever the target throws, on an
 * input that takes more than a second of CPU, and on a heap that keeps growing; says how to replay it.
 *
 * <p>A fixed number of inputs from a fixed seed by default, the same on every run. System properties:
 *
 * <ul>
 *   <li>{@code handoff.fuzz.seconds}: for so long instead, from a new seed;
 *   <li>{@code handoff.fuzz.seed}: from this seed;
 *   <li>{@code handoff.fuzz.input}: this one input alone, in hex, or the path of a file that holds the hex.
 * </ul>
 */
public final class Fuzz {
    private static final long USUAL_SEED = 20_260_101;
    private static final long MOST_CPU_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int TRIES_OF_A_SUSPECT = 3;
    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final int WARM_UP = 500;
    private static final long MEGABYTE = 1 << 20;

    /** What is fuzzed. */
    @FunctionalInterface
    public interface Target {
        /**
         * Reads the input, and throws when something about that is wrong.
         *
         * @param choices for what the input leaves open; seeded by the input, so that a replay chooses the same
         */
        void take(byte[] input, RandomGenerator choices) throws Exception;
    }

    private final String name;
    private final LongSupplier cpuNanos;
    private final List<byte[]> corpus = new ArrayList<>();
    private final List<String> words = new ArrayList<>();
    private int inputs = 1_000;
    private int longest = 1_000;
    private long mostGrowth = 64 * MEGABYTE;

    private Fuzz(String name, LongSupplier cpuNanos) {
        this.name = name;
        this.cpuNanos = cpuNanos;
    }

    /** Of a target that does its work in the thread that calls it. */
    public static Fuzz inThisThread(String name) {
        return new Fuzz(name, () -> ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
    }

    /** Of a target whose work is done by any threads of this process, such as a server. */
    public static Fuzz inThisProcess(String name) {
        return new Fuzz(
                name,
                () -> ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toNanos());
    }

    /** Adds inputs to begin with: they are tried as they are, then changed. */
    public Fuzz corpus(Collection<byte[]> some) {
        corpus.addAll(some);
        return this;
    }

    /** As {@link #corpus(Collection)}, in UTF-8. */
    public Fuzz corpus(String... some) {
        return corpus(Arrays.stream(some)
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList());
    }

    /** Adds what the format is made of: names, separators. */
    public Fuzz words(String... some) {
        words.addAll(List.of(some));
        return this;
    }

    /** How many inputs are tried unless a time is given. */
    public Fuzz inputs(int inputs) {
        this.inputs = inputs;
        return this;
    }

    /** How many bytes an input has at most. */
    public Fuzz longest(int bytes) {
        this.longest = bytes;
        return this;
    }

    /**
     * How much the used heap may grow after the first inputs; and of that, when a time is given, a quarter in the second
     * half of it: caches are full by then, and what still grows is a leak.
     */
    public Fuzz mostGrowth(int megabytes) {
        this.mostGrowth = megabytes * MEGABYTE;
        return this;
    }

    /** Tries all inputs on the target. */
    public void run(Target target) {
        String one = System.getProperty("handoff.fuzz.input");
        if (one != null) {
            tryOne(target, HexFormat.of().parseHex(hexOf(one)), "the given input");
            return;
        }
        long seconds = Long.getLong("handoff.fuzz.seconds", 0);
        long seed = Long.getLong("handoff.fuzz.seed", seconds > 0 ? System.nanoTime() : USUAL_SEED);
        System.out.printf("fuzz %s: seed %d%n", name, seed);
        Mutator mutator = new Mutator(corpus, words, longest);
        AtomicReference<byte @Nullable []> current = new AtomicReference<>();
        Thread watch = watch(current, seed);
        long begun = System.nanoTime();
        long usedAtFirst = 0;
        long usedAtHalf = 0;
        long done = 0;
        try {
            while (seconds > 0 ? System.nanoTime() - begun < seconds * 1_000_000_000 : done < inputs) {
                if (usedAtHalf == 0 && seconds > 0 && System.nanoTime() - begun > seconds * 500_000_000) {
                    usedAtHalf = usedHeap();
                }
                byte[] input =
                        done < corpus.size() ? corpus.get((int) done) : mutator.next(new SplittableRandom(seed + done));
                current.set(input);
                tryOne(target, input, "input " + done + " of seed " + seed);
                done++;
                if (done == Math.min(WARM_UP, inputs / 2)) {
                    usedAtFirst = usedHeap();
                }
            }
        } finally {
            watch.interrupt();
        }
        double took = (System.nanoTime() - begun) / 1e9;
        long used = usedHeap();
        long growth = used - usedAtFirst;
        long lately = usedAtHalf == 0 ? 0 : used - usedAtHalf;
        String heap = "heap %+d MB".formatted(growth / MEGABYTE)
                + (usedAtHalf == 0 ? "" : ", %+d MB of it in the second half".formatted(lately / MEGABYTE));
        System.out.printf("fuzz %s: seed %d, %d inputs in %.1f s, %s%n", name, seed, done, took, heap);
        if (growth > mostGrowth || lately > mostGrowth / 4) {
            throw new AssertionError(
                    "fuzz " + name + ": after " + done + " inputs of seed " + seed + " it has grown too much: " + heap);
        }
    }

    private void tryOne(Target target, byte[] input, String which) {
        try {
            long cpu = cpuOf(target, input);
            // Class loading, the compiler or a neighbour in this process may have been at work: only what is slow
            // every time is slow.
            for (int i = 1; i < TRIES_OF_A_SUSPECT && cpu > MOST_CPU_NANOS; i++) {
                cpu = Math.min(cpu, cpuOf(target, input));
            }
            if (cpu > MOST_CPU_NANOS) {
                throw new AssertionError("it takes " + cpu / 1_000_000 + " ms of CPU");
            }
        } catch (Throwable failure) {
            throw new AssertionError(describe(which, input) + "\nfails: " + failure, failure);
        }
    }

    private long cpuOf(Target target, byte[] input) throws Exception {
        long before = cpuNanos.getAsLong();
        target.take(input.clone(), new SplittableRandom(Arrays.hashCode(input)));
        return cpuNanos.getAsLong() - before;
    }

    /** An input that never ends cannot be stopped from here; the test's own time limit does that. But it can be named. */
    private Thread watch(AtomicReference<byte @Nullable []> current, long seed) {
        Thread watch = new Thread(
                () -> {
                    byte @Nullable [] before = null;
                    try {
                        while (true) {
                            Thread.sleep(SILENCE.toMillis());
                            byte @Nullable [] now = current.get();
                            if (now != null && now == before) {
                                System.err.println(describe("seed " + seed + ", still at the input", now));
                            }
                            before = now;
                        }
                    } catch (InterruptedException e) {
                        // all inputs are done
                    }
                },
                "fuzz-watch");
        watch.setDaemon(true);
        watch.start();
        return watch;
    }

    private String describe(String which, byte[] input) {
        return "fuzz " + name + ": " + which
                + ", to be replayed with -Dhandoff.fuzz.input=<the hex, or a file of it>\nhex: "
                + HexFormat.of().formatHex(input) + "\ntext: "
                + new String(input, 0, Math.min(input.length, 1_000), StandardCharsets.UTF_8);
    }

    private static String hexOf(String given) {
        try {
            Path file = Path.of(given);
            boolean isFile = given.length() < 255 && Files.isRegularFile(file);
            return isFile ? Files.readString(file).strip() : given;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static long usedHeap() {
        // Twice: what the first has found to be finalized or unloaded goes with the second.
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
