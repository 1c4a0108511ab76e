package dev.handoff.internal;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Exponential back-off with full jitter: anything between nothing and the doubled base, up to a cap. */
final class Backoff {
    private final Duration base;
    private final Duration cap;
    private final RandomGenerator random;

    Backoff(Duration base, Duration cap, RandomGenerator random) {
        this.base = base;
        this.cap = cap;
        this.random = random;
    }

    /** How long to wait after a failed attempt, counted from 1. */
    Duration after(int attempt) {
        long longest = Math.min(cap.toMillis(), base.toMillis() * (1L << Math.min(30, attempt - 1)));
        return Duration.ofMillis(random.nextLong(Math.max(1, longest) + 1));
    }
}
