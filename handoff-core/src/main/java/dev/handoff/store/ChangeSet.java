package dev.handoff.store;

import dev.handoff.model.Conversation;
import dev.handoff.model.Event;
import dev.handoff.model.Message;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All that one command changes; committed whole or not at all.
 *
 * @param id names this change set in logs
 * @param once the key under which it has one effect; null only for the sweeper, which decides under the row's lock
 * @param expectedVersion the version that the decision rested on; 0 for a new conversation
 * @param next the conversation afterwards; its version is {@code expectedVersion + 1}
 * @param messages new messages, in order; the outbound ones that are QUEUED go to the outbox as well
 * @param events what happened, in order
 * @param controlChanged whether the epoch rises: open bot messages are fenced then, before new ones are added, and any
 *     claim of a bot's turn ends
 * @param loads what agents take and give back
 * @param botLease what becomes of the bot's claim
 */
public record ChangeSet(
        UUID id,
        @Nullable OnceKey once,
        long expectedVersion,
        Conversation next,
        List<Message> messages,
        List<Event> events,
        boolean controlChanged,
        List<LoadChange> loads,
        BotLease botLease) {
    public ChangeSet {
        messages = List.copyOf(messages);
        events = List.copyOf(events);
        loads = List.copyOf(loads);
        if (next.version() != expectedVersion + 1) {
            throw new IllegalArgumentException("a change set raises the version by one: " + next.id() + " from "
                    + expectedVersion + " to " + next.version());
        }
    }
}
