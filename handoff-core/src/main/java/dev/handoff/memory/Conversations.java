package dev.handoff.memory;

import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Deadline;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The conversations by name, by address, and by deadline. Guarded by the store's lock. */
final class Conversations {
    private final Map<ConversationId, ConversationRow> rows = new HashMap<>();
    private final Map<ConversationAddress, ConversationRow> open = new HashMap<>();
    private final Map<ConversationAddress, ConversationId> lastEnded = new HashMap<>();
    private final DueIndex<ConversationRow> deadlines = new DueIndex<>();

    @Nullable
    ConversationRow find(ConversationId id) {
        return rows.get(id);
    }

    @Nullable
    ConversationRow openAt(ConversationAddress address) {
        return open.get(address);
    }

    @Nullable
    ConversationId lastEndedAt(ConversationAddress address) {
        return lastEnded.get(address);
    }

    Stream<Conversation> all() {
        return rows.values().stream().map(row -> row.conversation);
    }

    List<ConversationRow> dueBy(Instant now, int limit) {
        return deadlines.dueBy(now, limit);
    }

    /** Lets others be swept first; the next commit brings the deadline's own moment back. */
    void postponeSweep(ConversationRow row, Instant until) {
        deadlines.put(row, until);
    }

    ConversationRow put(Conversation next) {
        ConversationRow row = rows.computeIfAbsent(next.id(), id -> new ConversationRow(next));
        boolean wasOpen = open.get(row.conversation.address()) == row;
        row.conversation = next;
        Deadline deadline = next.deadline();
        if (deadline != null) {
            open.put(next.address(), row);
            deadlines.put(row, deadline.dueAt());
        } else {
            deadlines.remove(row);
            if (wasOpen) {
                open.remove(next.address());
            }
            if (wasOpen || next.version() == 1) {
                lastEnded.put(next.address(), next.id());
            }
        }
        return row;
    }
}
