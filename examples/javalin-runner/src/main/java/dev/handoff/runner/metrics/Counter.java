package dev.handoff.runner.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Something that is counted, by the values of its labels. Thread-safe. */
final class Counter {
    private final Family family;
    private final Map<List<String>, LongAdder> counts = new ConcurrentHashMap<>();

    Counter(String name, String help, String... labels) {
        this.family = new Family(name, "counter", help, List.of(labels));
    }

    void count(String... labelValues) {
        counts.computeIfAbsent(List.of(labelValues), values -> new LongAdder()).increment();
    }

    void write(StringBuilder out) {
        family.writeHead(out);
        counts.forEach((values, count) -> family.writeSample(out, "", values, Long.toString(count.sum())));
    }
}
