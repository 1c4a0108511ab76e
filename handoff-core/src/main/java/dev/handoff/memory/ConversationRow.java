package dev.handoff.memory;

import dev.handoff.model.Conversation;
import dev.handoff.model.Event;
import dev.handoff.model.Message;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One conversation with all that hangs on it, save what waits to be sent. Guarded by the store's lock. */
final class ConversationRow {
    Conversation conversation;
    final NavigableMap<Long, Message> messages = new TreeMap<>();
    final NavigableMap<Long, Event> events = new TreeMap<>();

    /** The present claim of the bot's turn; null when it has ended. */
    @Nullable
    UUID botClaim;

    /** When the bot's turn may be claimed: after a live claim's lease, or after a retry's delay. */
    Instant botClaimableFrom = Instant.MIN;

    int botAttempts;

    ConversationRow(Conversation conversation) {
        this.conversation = conversation;
    }
}
