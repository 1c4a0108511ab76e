package dev.handoff.memory;

import dev.handoff.model.MessageId;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** What is open of all that is said from one inbox to one customer. Guarded by the store's lock. */
final class Line {
    private static final Comparator<MessageId> PLACE =
            Comparator.comparing((MessageId id) -> id.conversation().value()).thenComparing(MessageId::seq);

    final SenderQueue sender;
    final NavigableMap<MessageId, OutboxRow> open = new TreeMap<>(PLACE);

    /** Those of which the provider may have, or may be about to get, a copy. */
    final Set<OutboxRow> perhapsOut = new HashSet<>();

    /** When the latest attempt to reach this customer began. */
    Instant lastAttemptAt = Instant.EPOCH;

    Line(SenderQueue sender) {
        this.sender = sender;
    }

    OutboxRow head() {
        return open.firstEntry().getValue();
    }
}
