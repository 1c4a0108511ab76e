package dev.handoff;

import java.time.Duration;
import java.util.List;

/** Sentences about wrong settings, collected so that all are reported together. */
final class Problems {
    private Problems() {}

    static void positive(String name, Duration value, List<String> problems) {
        if (value.isZero() || value.isNegative()) {
            problems.add(name + ": must be above zero, not " + value);
        }
    }

    static void atLeastOne(String name, int value, List<String> problems) {
        if (value < 1) {
            problems.add(name + ": must be 1 or more, not " + value);
        }
    }
}
