package dev.handoff.simulation;

import dev.handoff.model.ConversationId;
import dev.handoff.model.MessageId;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** Short names for a story, in the order of their first mention: ids differ from run to run, stories must not. */
final class Names {
    private final Map<ConversationId, String> conversations = new HashMap<>();
    private final Map<UUID, String> attempts = new HashMap<>();

    String of(ConversationId id) {
        return conversations.computeIfAbsent(id, unknown -> "c" + (conversations.size() + 1));
    }

    String of(MessageId id) {
        return of(id.conversation()) + "." + id.seq();
    }

    String ofAttempt(UUID token) {
        return attempts.computeIfAbsent(token, unknown -> "attempt " + (attempts.size() + 1));
    }
}
