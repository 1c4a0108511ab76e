package dev.handoff.machine;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long after the customer's last message a channel takes free text, and how long before its end people are warned.
 *
 * @param length null where free text is always taken
 * @param warning zero for none
 */
record SessionWindow(@Nullable Duration length, Duration warning) {

    static SessionWindow of(Optional<Duration> length, Duration warning) {
        return new SessionWindow(length.orElse(null), warning);
    }

    /** When it closes, counted from the customer's last message; null when never. */
    @Nullable
    Instant closesAt(Instant lastInboundAt) {
        return length == null ? null : lastInboundAt.plus(length);
    }

    boolean isOpen(Instant lastInboundAt, Instant now) {
        Instant closesAt = closesAt(lastInboundAt);
        return closesAt == null || now.isBefore(closesAt);
    }

    /** When people are to be warned; null when never. A warning that is longer than the window comes at once. */
    @Nullable
    Instant warnAt(Instant lastInboundAt) {
        Instant closesAt = closesAt(lastInboundAt);
        if (closesAt == null || warning.isZero()) {
            return null;
        }
        Instant warnAt = closesAt.minus(warning);
        return warnAt.isBefore(lastInboundAt) ? lastInboundAt : warnAt;
    }
}
