package dev.handoff.internal;

import java.time.Instant;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Makes ids that rise with time (UUID version 7, RFC 9562), so that new rows go to the end of an index. The time in them
 * orders nothing and decides about no deadline and no lease.
 */
final class Ids {
    private final RandomGenerator random;

    /** Ids from a thread-safe source of random bits. */
    Ids(RandomGenerator random) {
        this.random = random;
    }

    UUID next(Instant roughly) {
        long high = (roughly.toEpochMilli() << 16) | 0x7000L | (random.nextLong() & 0xFFFL);
        return new UUID(high, variant(random.nextLong()));
    }

    /** An id of random bits alone (version 4). */
    UUID random() {
        return new UUID((random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L, variant(random.nextLong()));
    }

    private static long variant(long bits) {
        return (bits & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    }
}
