package dev.handoff.runner.metrics;

import java.util.List;
import java.util.Map;

/** Something that is as it is when one looks, by the values of its labels. */
record Gauge(Family family, Map<List<String>, Double> values) {

    static Gauge of(String name, String help, double value) {
        return new Gauge(new Family(name, "gauge", help, List.of()), Map.of(List.of(), value));
    }

    static Gauge of(String name, String help, List<String> labels, Map<List<String>, Double> values) {
        return new Gauge(new Family(name, "gauge", help, labels), values);
    }

    void write(StringBuilder out) {
        family.writeHead(out);
        values.forEach((labels, value) -> family.writeSample(out, "", labels, Double.toString(value)));
    }
}
