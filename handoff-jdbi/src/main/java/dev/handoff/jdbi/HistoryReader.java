package dev.handoff.jdbi;

import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Event;
import dev.handoff.model.HandoffPhase;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.store.History.BadCursorException;
import dev.handoff.store.History.Page;
import dev.handoff.store.History.Query;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What can be read of conversations. */
final class HistoryReader {
    private static final String CONVERSATION =
            "SELECT " + ConversationRows.COLUMNS + " FROM ${p}conversation c WHERE c.tenant = :tenant AND c.id = :id";

    private static final String MESSAGES = "SELECT " + MessageRows.COLUMNS + """
            FROM ${p}message m
            LEFT JOIN ${p}outbox o ON o.tenant = m.tenant AND o.conversation = m.conversation AND o.seq = m.seq
            WHERE m.tenant = :tenant AND m.conversation = :id AND m.seq > :after
            ORDER BY m.seq
            LIMIT ${limit}
            """;

    private static final String EVENTS = """
            SELECT e.tenant, e.conversation, e.seq, e.event_type, e.actor, e.happened_at, e.data
            FROM ${p}event e
            WHERE e.tenant = :tenant AND e.conversation = :id AND e.seq > :after
            ORDER BY e.seq
            LIMIT ${limit}
            """;

    private static final String LIST =
            "SELECT " + ConversationRows.COLUMNS + " FROM ${p}conversation c WHERE c.tenant = :tenant";

    private static final String QUEUE = LIST + " AND c.status = 'HUMAN_HANDOFF' AND c.agent_id IS NULL";
    private static final String IN_ORDER = " ORDER BY c.handoff_priority DESC, c.handoff_at, c.id LIMIT ${limit}";
    private static final String QUEUE_OF_ALL = QUEUE + IN_ORDER;
    private static final String QUEUE_OF_ONE = QUEUE + " AND c.handoff_queue = :queue" + IN_ORDER;

    /** A conversation's place in the list, which a cursor carries. */
    private record Place(Instant updatedAt, UUID id) {
        /** PostgreSQL has no years beyond; we have given none. */
        private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

        static Place of(Conversation conversation) {
            return new Place(conversation.updatedAt(), conversation.id().value());
        }

        static Place parse(String cursor) {
            try {
                String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
                String[] parts = text.split(" ", 2);
                if (parts.length != 2) {
                    throw new BadCursorException(cursor);
                }
                Instant updatedAt = Instant.parse(parts[0]);
                if (updatedAt.isBefore(Instant.EPOCH) || updatedAt.isAfter(LATEST)) {
                    throw new BadCursorException(cursor);
                }
                return new Place(updatedAt, UUID.fromString(parts[1]));
            } catch (IllegalArgumentException | DateTimeException notOurs) {
                throw new BadCursorException(cursor);
            }
        }

        String cursor() {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString((updatedAt + " " + id).getBytes(StandardCharsets.UTF_8));
        }
    }

    private final Sql sql;

    HistoryReader(Sql sql) {
        this.sql = sql;
    }

    Optional<Conversation> conversation(Handle handle, ConversationId id) {
        return sql.bind(sql.query(handle, CONVERSATION), CommitSteps.CONVERSATION, id)
                .map((row, context) -> ConversationRows.read(row))
                .findOne();
    }

    List<Message> messages(Handle handle, ConversationId id, long after, int limit) {
        return of(sql.query(handle, MESSAGES, limit), id, after)
                .map((row, context) -> MessageRows.read(row))
                .list();
    }

    Optional<Message> message(Handle handle, MessageId id) {
        return messages(handle, id.conversation(), id.seq() - 1, 1).stream()
                .filter(message -> message.id().equals(id))
                .findFirst();
    }

    List<Event> events(Handle handle, ConversationId id, long after, int limit) {
        return of(sql.query(handle, EVENTS, limit), id, after)
                .map((row, context) -> EventRows.read(row))
                .list();
    }

    private org.jdbi.v3.core.statement.Query of(org.jdbi.v3.core.statement.Query query, ConversationId id, long after) {
        return Sql.number(sql.bind(query, CommitSteps.CONVERSATION, id), "after", after);
    }

    Page conversations(Handle handle, Query query) {
        @Nullable Place after = query.cursor() == null ? null : Place.parse(query.cursor());
        int limit = Math.max(0, Math.min(query.limit(), Integer.MAX_VALUE - 1));
        var statement = sql.query(handle, conditions(query, after), limit + 1);
        Sql.text(statement, "tenant", query.tenant());
        Sql.text(
                statement,
                "status",
                query.status() == null ? null : query.status().name());
        Sql.text(statement, "agent", query.agentId());
        Sql.text(statement, "customer", query.customer());
        Sql.time(statement, "after", after == null ? null : after.updatedAt());
        List<Conversation> found = Sql.uuid(statement, "after_id", after == null ? null : after.id())
                .map((row, context) -> ConversationRows.read(row))
                .list();
        if (found.size() <= limit) {
            return new Page(found, null);
        }
        List<Conversation> items = List.copyOf(found.subList(0, limit));
        return new Page(
                items, items.isEmpty() ? null : Place.of(items.get(limit - 1)).cursor());
    }

    /** Only the conditions that are asked for: a plan for all of them at once would suit none. */
    private static String conditions(Query query, @Nullable Place after) {
        StringBuilder text = new StringBuilder(LIST);
        if (query.status() != null) {
            text.append(" AND c.status = :status");
        }
        if (query.phase() != null || query.status() != null && query.status().isOpen()) {
            // Says nothing new, but lets the planner see that the index of the open ones will do.
            text.append(" AND c.open_key IS NOT NULL");
        }
        if (query.phase() != null) {
            text.append(" AND c.status = 'HUMAN_HANDOFF' AND c.agent_id IS ")
                    .append(query.phase() == HandoffPhase.ASSIGNED ? "NOT NULL" : "NULL");
        }
        if (query.agentId() != null) {
            text.append(" AND c.agent_id = :agent");
        }
        if (query.customer() != null) {
            text.append(" AND c.customer = :customer");
        }
        if (after != null) {
            text.append(" AND (c.updated_at, c.id) < (:after, :after_id)");
        }
        return text.append(" ORDER BY c.updated_at DESC, c.id DESC LIMIT ${limit}")
                .toString();
    }

    List<Conversation> queue(Handle handle, String tenant, @Nullable String queue, int limit) {
        var statement = sql.query(handle, queue == null ? QUEUE_OF_ALL : QUEUE_OF_ONE, limit);
        return Sql.text(Sql.text(statement, "tenant", tenant), "queue", queue)
                .map((row, context) -> ConversationRows.read(row))
                .list();
    }
}
