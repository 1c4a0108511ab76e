package dev.handoff.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until it is told to go on. Thread-safe. */
public final class ManualTime implements InstantSource {

    /** When every manual clock starts: noon, UTC, on an ordinary Tuesday. */
    public static final Instant START = Instant.parse("2030-01-15T12:00:00Z");

    private Instant now = START;

    @Override
    public synchronized Instant instant() {
        return now;
    }

    /**
     * Lets time pass.
     *
     * @param by how much; zero or more, since no store's time runs backwards
     * @return the new time
     */
    public synchronized Instant advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("time does not run backwards: " + by);
        }
        now = now.plus(by);
        return now;
    }
}
