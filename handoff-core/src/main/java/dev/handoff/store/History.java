package dev.handoff.store;

import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.Event;
import dev.handoff.model.HandoffPhase;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What can be read of conversations. */
public interface History {

    /** One conversation as it stands. */
    Optional<Conversation> conversation(ConversationId id);

    /** A conversation's messages after a place, oldest first. */
    List<Message> messages(ConversationId id, long after, int limit);

    /** One message. */
    Optional<Message> message(MessageId id);

    /** A conversation's own events after a place, oldest first, without delivery updates. */
    List<Event> events(ConversationId id, long after, int limit);

    /**
     * Conversations, latest activity first.
     *
     * @throws BadCursorException when the query's cursor is not one that a page has given
     */
    Page conversations(Query query);

    /**
     * Conversations that wait for an agent, in the order in which they are served: priority, then the oldest handoff.
     *
     * @param queue one queue; null for all
     */
    List<Conversation> queue(String tenant, @Nullable String queue, int limit);

    /**
     * Which conversations to list. A null matches all.
     *
     * @param customer the customer's whole address
     * @param limit how many on a page at most
     * @param cursor where the page before this one ended; null for the first
     */
    record Query(
            String tenant,
            @Nullable ConversationStatus status,
            @Nullable HandoffPhase phase,
            @Nullable String agentId,
            @Nullable String customer,
            int limit,
            @Nullable String cursor) {}

    /**
     * One page.
     *
     * @param nextCursor null when this is the last
     */
    record Page(List<Conversation> items, @Nullable String nextCursor) {}

    /** A cursor that no page has given. */
    final class BadCursorException extends dev.handoff.model.HandoffException {
        private static final long serialVersionUID = 1L;

        public BadCursorException(String cursor) {
            super("'" + cursor + "' is not a cursor that a page has given; leave it out to start anew");
        }
    }
}
