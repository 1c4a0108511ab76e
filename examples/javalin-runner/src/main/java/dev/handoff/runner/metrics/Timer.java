package dev.handoff.runner.metrics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How long something takes, as a Prometheus histogram in seconds. Thread-safe. */
final class Timer {
    private final Family family;
    private final double[] bounds;
    private final Map<List<String>, Times> times = new ConcurrentHashMap<>();

    /**
     * @param bounds upper bounds of the buckets in seconds, rising, without the infinite one
     */
    Timer(String name, String help, double[] bounds, String... labels) {
        this.family = new Family(name, "histogram", help, List.of(labels));
        this.bounds = bounds.clone();
    }

    void took(Duration time, String... labelValues) {
        times.computeIfAbsent(List.of(labelValues), values -> new Times(bounds.length + 1))
                .add(bucketOf(time.toNanos() / 1e9), time);
    }

    void write(StringBuilder out) {
        family.writeHead(out);
        times.forEach((values, measured) -> {
            long upTo = 0;
            for (int i = 0; i <= bounds.length; i++) {
                upTo += measured.buckets[i].sum();
                String bound = i == bounds.length ? "+Inf" : Double.toString(bounds[i]);
                family.writeSample(out, "_bucket", values, Long.toString(upTo), bound);
            }
            family.writeSample(out, "_sum", values, Double.toString(measured.nanos.sum() / 1e9));
            family.writeSample(out, "_count", values, Long.toString(upTo));
        });
    }

    private int bucketOf(double seconds) {
        int bucket = 0;
        while (bucket < bounds.length && seconds > bounds[bucket]) {
            bucket++;
        }
        return bucket;
    }

    private static final class Times {
        private final LongAdder[] buckets;
        private final LongAdder nanos = new LongAdder();

        Times(int count) {
            List<LongAdder> adders = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                adders.add(new LongAdder());
            }
            buckets = adders.toArray(LongAdder[]::new);
        }

        void add(int bucket, Duration time) {
            nanos.add(time.toNanos());
            buckets[bucket].increment();
        }
    }
}
