package dev.handoff.simulation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where a run takes its choices from: a seed, or a list that is followed to its end. 0 is always the dullest choice (go on,
 * nothing fails), and what a list that has ended says; so a shorter list of smaller numbers is a simpler story.
 */
final class Choices {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final int[] given;
    private final boolean seeded;
    private long state;
    private int[] taken = new int[512];
    private int[] bounds = new int[512];
    private int count;
    private boolean over;

    private Choices(int[] given, boolean seeded, long seed) {
        this.given = given;
        this.seeded = seeded;
        this.state = seed;
    }

    static Choices ofSeed(long seed) {
        return new Choices(new int[0], true, seed);
    }

    static Choices following(int[] given) {
        return new Choices(given, false, 0);
    }

    /** A number from 0 up to, and without, the bound. */
    int below(int bound) {
        if (over) {
            return 0;
        }
        int next;
        if (seeded) {
            next = (int) ((mix() >>> 33) % bound);
        } else {
            next = count < given.length ? given[count] % bound : 0;
        }
        if (count == taken.length) {
            taken = Arrays.copyOf(taken, count * 2);
            bounds = Arrays.copyOf(bounds, count * 2);
        }
        bounds[count] = bound;
        taken[count++] = next;
        return next;
    }

    /** True in one of n cases, and never once a list has ended. */
    boolean oneIn(int n) {
        return below(n) == n - 1;
    }

    /** From now on there is nothing to choose: everything is dull. */
    void end() {
        over = true;
    }

    /** All that was chosen so far. */
    int[] taken() {
        return Arrays.copyOf(taken, count);
    }

    /**
     * What to follow next, so that in the end every list of choices has been followed: the last choice that had another
     * number left takes it, and what came after it is open again. Null when all have been followed.
     */
    int @Nullable [] following() {
        for (int i = count - 1; i >= 0; i--) {
            if (taken[i] + 1 < bounds[i]) {
                int[] next = Arrays.copyOf(taken, i + 1);
                next[i]++;
                return next;
            }
        }
        return null;
    }

    /** SplitMix64. */
    private long mix() {
        state += GOLDEN;
        long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
