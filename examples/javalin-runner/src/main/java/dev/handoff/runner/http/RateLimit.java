package dev.handoff.runner.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Keeps one caller from crowding out the others: so many requests a second, with as many in reserve. One bucket a caller;
 * buckets that are full again are forgotten. Webhooks are not limited, since a webhook refused is a message lost.
 *
 * <p>Thread-safe: a bucket is replaced atomically within the map.
 */
final class RateLimit {
    private static final int MOST_CALLERS = 10_000;

    private record Bucket(double tokens, long atNanos, boolean granted) {}

    private final double perSecond;
    private final LongSupplier nanos;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    RateLimit(double perSecond, LongSupplier nanos) {
        this.perSecond = perSecond;
        this.nanos = nanos;
    }

    /** Whether this caller may have one more request now. */
    boolean allows(String caller) {
        long now = nanos.getAsLong();
        if (buckets.size() > MOST_CALLERS) {
            buckets.values().removeIf(bucket -> filled(bucket, now) >= perSecond);
        }
        Bucket after = buckets.compute(caller, (key, bucket) -> {
            double tokens = bucket == null ? perSecond : filled(bucket, now);
            // A refusal costs nothing: a caller who keeps trying recovers all the same.
            return tokens >= 1 ? new Bucket(tokens - 1, now, true) : new Bucket(tokens, now, false);
        });
        return after.granted();
    }

    private double filled(Bucket bucket, long now) {
        double gained = (now - bucket.atNanos()) * perSecond / TimeUnit.SECONDS.toNanos(1);
        return Math.min(perSecond, bucket.tokens() + gained);
    }
}
