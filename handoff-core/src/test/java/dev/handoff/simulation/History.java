package dev.handoff.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** All that happened in one run, in order, with the moment at which it did. */
final class History {
    private final LongSupplier nanoTime;
    private final List<Entry> entries = new ArrayList<>();

    record Entry(long nanos, Fact fact) {}

    History(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    void add(Fact fact) {
        entries.add(new Entry(nanoTime.getAsLong(), fact));
    }

    List<Entry> entries() {
        return entries;
    }
}
