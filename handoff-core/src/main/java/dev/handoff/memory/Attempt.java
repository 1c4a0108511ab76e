package dev.handoff.memory;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One attempt to send one message, kept for ever: a provider may report on it long after. Guarded by the store's lock. */
final class Attempt {
    final UUID token = UUID.randomUUID();
    final OutboxRow row;
    final int number;
    final Instant at;

    @Nullable
    String providerMessageId;

    /** The provider has said that this attempt failed; a lower report that comes late changes nothing then. */
    boolean failed;

    Attempt(OutboxRow row, int number, Instant at) {
        this.row = row;
        this.number = number;
        this.at = at;
    }
}
