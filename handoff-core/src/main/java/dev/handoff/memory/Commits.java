package dev.handoff.memory;

import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Direction;
import dev.handoff.model.Event;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.OnceKey;
import dev.handoff.store.Outcome;
import dev.handoff.store.Prior;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Commits one change set: first all that can refuse it, then all that it changes. Guarded by the store's lock. */
final class Commits {
    private final Conversations conversations;
    private final BotTurns botTurns;
    private final OutboxLines outbox;
    private final OnceKeys onceKeys;
    private final FeedLog feed;
    private final AgentRoster roster;

    Commits(
            Conversations conversations,
            BotTurns botTurns,
            OutboxLines outbox,
            OnceKeys onceKeys,
            FeedLog feed,
            AgentRoster roster) {
        this.conversations = conversations;
        this.botTurns = botTurns;
        this.outbox = outbox;
        this.onceKeys = onceKeys;
        this.feed = feed;
        this.roster = roster;
    }

    CommitResult commit(ChangeSet change, Instant now) {
        Conversation next = change.next();
        ConversationId id = next.id();
        Prior prior = onceKeys.prior(change.once());
        if (prior != null) {
            return new CommitResult.AlreadyDone(prior);
        }
        ConversationRow present = conversations.find(id);
        long version = present == null ? 0 : present.conversation.version();
        if (version != change.expectedVersion()) {
            return new CommitResult.Conflict();
        }
        ConversationRow openThere = conversations.openAt(next.address());
        if (next.status().isOpen() && openThere != null && openThere != present) {
            return new CommitResult.Conflict();
        }
        CommitResult full = roster.refusal(id.tenant(), change.loads());
        if (full != null) {
            return full;
        }
        refuseWrongPlaces(present, change);

        ConversationRow row = conversations.put(next);
        // The fence comes before the new messages: what the new epoch says is not what it silences.
        List<MessageId> inFlight = change.controlChanged() ? outbox.fence(id, now) : List.of();
        botTurns.committed(row, change.controlChanged(), change.botLease(), now);
        roster.apply(id.tenant(), change.loads());
        for (Message message : change.messages()) {
            row.messages.put(message.id().seq(), message);
            if (message.direction() == Direction.OUTBOUND
                    && (message.delivery() == Delivery.QUEUED || message.delivery() == Delivery.SUPPRESSED)) {
                outbox.add(next.address(), message, now);
            }
        }
        for (Event event : change.events()) {
            row.events.put(Objects.requireNonNull(event.seq()), event);
        }
        feed.addAll(change.events());
        if (change.once() != null) {
            onceKeys.remember(change.once(), outcome(change, change.once(), inFlight), now);
        }
        return new CommitResult.Committed(inFlight);
    }

    private static Outcome outcome(ChangeSet change, OnceKey once, List<MessageId> inFlight) {
        return new Outcome(
                change.next().id(),
                once.kind() == OnceKey.Kind.COMMAND ? change.next() : null,
                change.messages().isEmpty()
                        ? null
                        : change.messages().get(0).id().seq(),
                inFlight);
    }

    private static void refuseWrongPlaces(@Nullable ConversationRow row, ChangeSet change) {
        for (Message message : change.messages()) {
            if (row != null && row.messages.containsKey(message.id().seq())) {
                throw new IllegalArgumentException("message " + message.id() + " exists already");
            }
        }
        for (Event event : change.events()) {
            if (event.seq() == null || row != null && row.events.containsKey(event.seq())) {
                throw new IllegalArgumentException("event " + event.type() + " of "
                        + change.next().id() + " needs a place that no other has, not " + event.seq());
            }
        }
    }
}
