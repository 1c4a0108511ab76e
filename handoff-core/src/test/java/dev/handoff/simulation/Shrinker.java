package dev.handoff.simulation;

import java.util.Arrays;
import java.util.function.Predicate;

/** Makes a story shorter and duller for as long as it still breaks what it broke. */
final class Shrinker {
    private final Predicate<int[]> stillBreaks;
    private int runsLeft;

    Shrinker(int mostRuns, Predicate<int[]> stillBreaks) {
        this.runsLeft = mostRuns;
        this.stillBreaks = stillBreaks;
    }

    int[] shrink(int[] choices) {
        int[] best = choices;
        boolean better = true;
        while (better && runsLeft > 0) {
            int[] before = best;
            best = withoutTail(best);
            for (int length = Math.max(1, best.length / 2); length >= 1; length /= 2) {
                best = withoutRuns(best, length);
            }
            best = duller(best);
            better = best.length < before.length
                    || Arrays.stream(best).sum() < Arrays.stream(before).sum();
        }
        return best;
    }

    private int[] withoutTail(int[] choices) {
        int[] best = choices;
        for (int cut = best.length / 2; cut >= 1; cut /= 2) {
            while (best.length > cut) {
                int[] shorter = Arrays.copyOf(best, best.length - cut);
                if (!breaks(shorter)) {
                    break;
                }
                best = shorter;
            }
        }
        return best;
    }

    private int[] withoutRuns(int[] choices, int length) {
        int[] best = choices;
        for (int from = best.length - length; from >= 0; from -= length) {
            if (from + length > best.length) {
                continue;
            }
            int[] shorter = new int[best.length - length];
            System.arraycopy(best, 0, shorter, 0, from);
            System.arraycopy(best, from + length, shorter, from, best.length - from - length);
            if (breaks(shorter)) {
                best = shorter;
            }
        }
        return best;
    }

    private int[] duller(int[] choices) {
        int[] best = choices;
        for (int i = 0; i < best.length; i++) {
            if (best[i] != 0) {
                int[] dull = best.clone();
                dull[i] = 0;
                if (breaks(dull)) {
                    best = dull;
                }
            }
        }
        return best;
    }

    private boolean breaks(int[] choices) {
        if (runsLeft <= 0) {
            return false;
        }
        runsLeft--;
        return stillBreaks.test(choices);
    }
}
