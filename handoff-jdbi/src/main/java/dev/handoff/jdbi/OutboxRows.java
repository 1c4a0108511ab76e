package dev.handoff.jdbi;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.model.Actor;
import dev.handoff.model.Delivery;
import dev.handoff.model.MessageId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Outbox rows as they are changed one at a time: locked, decided on here, and written back with the event it makes. */
final class OutboxRows {

    /** A locked row. */
    record Row(
            MessageId id,
            String channel,
            String owner,
            long epoch,
            boolean fenced,
            OutboxState state,
            int rank,
            int attempt,
            int lookUps,
            @Nullable UUID token,
            Instant queuedAt,
            Instant due,
            @Nullable Instant failedAt,
            @Nullable String providerId,
            @Nullable String error) {

        Delivery delivery() {
            return MessageRows.delivery(state, rank);
        }

        boolean wasDelivered() {
            return rank >= DeliveryStatus.DELIVERED.rank();
        }

        Actor provider() {
            return new Actor.Provider(channel);
        }

        Row queuedAnew(Instant now) {
            return new Row(
                    id,
                    channel,
                    owner,
                    epoch,
                    fenced,
                    OutboxState.QUEUED,
                    0,
                    0,
                    0,
                    null,
                    now,
                    now,
                    failedAt,
                    null,
                    null);
        }

        Row failed(@Nullable String why, Instant now) {
            return new Row(
                    id,
                    channel,
                    owner,
                    epoch,
                    fenced,
                    OutboxState.FAILED,
                    rank,
                    attempt,
                    lookUps,
                    token,
                    queuedAt,
                    due,
                    now,
                    providerId,
                    why);
        }

        Row sent(int atRank, @Nullable String as) {
            return new Row(
                    id,
                    channel,
                    owner,
                    epoch,
                    fenced,
                    OutboxState.SENT,
                    atRank,
                    attempt,
                    lookUps,
                    token,
                    queuedAt,
                    due,
                    failedAt,
                    as,
                    state == OutboxState.SENT ? error : null);
        }

        Row again(Instant at, String why, boolean counts) {
            return new Row(
                    id,
                    channel,
                    owner,
                    epoch,
                    fenced,
                    fenced ? OutboxState.SUPPRESSED : OutboxState.QUEUED,
                    rank,
                    counts ? attempt : attempt - 1,
                    lookUps,
                    token,
                    queuedAt,
                    at,
                    failedAt,
                    providerId,
                    why);
        }

        /** A message that was sent a moment ago has not been looked up by becoming unknown. */
        int lookUpsAfterOneMore() {
            return state == OutboxState.UNKNOWN ? lookUps + 1 : lookUps;
        }

        Row unknown(Instant lookUpAt, String why, int lookedUp) {
            return new Row(
                    id,
                    channel,
                    owner,
                    epoch,
                    fenced,
                    OutboxState.UNKNOWN,
                    rank,
                    attempt,
                    lookedUp,
                    token,
                    queuedAt,
                    lookUpAt,
                    failedAt,
                    providerId,
                    why);
        }

        Row dispatching(UUID newToken, Instant leaseUntil) {
            return new Row(
                    id,
                    channel,
                    owner,
                    epoch,
                    fenced,
                    OutboxState.DISPATCHING,
                    rank,
                    attempt + 1,
                    0,
                    newToken,
                    queuedAt,
                    leaseUntil,
                    failedAt,
                    providerId,
                    error);
        }

        Row withError(@Nullable String text) {
            return new Row(
                    id,
                    channel,
                    owner,
                    epoch,
                    fenced,
                    state,
                    rank,
                    attempt,
                    lookUps,
                    token,
                    queuedAt,
                    due,
                    failedAt,
                    providerId,
                    text);
        }

        Row knownAs(@Nullable String provider) {
            return new Row(
                    id, channel, owner, epoch, fenced, state, rank, attempt, lookUps, token, queuedAt, due, failedAt,
                    provider, error);
        }

        Row dueAt(Instant at) {
            return new Row(
                    id,
                    channel,
                    owner,
                    epoch,
                    fenced,
                    state,
                    rank,
                    attempt,
                    lookUps,
                    token,
                    queuedAt,
                    at,
                    failedAt,
                    providerId,
                    error);
        }
    }

    private static final String COLUMNS = """
            SELECT o.tenant, o.conversation, o.seq, o.channel, o.owner, o.epoch, o.fenced, o.state, o.delivery_rank,
                o.attempt, o.look_ups, o.token, o.queued_at, o.due_at, o.failed_at, o.provider_id, o.error
            FROM ${p}outbox o
            WHERE o.tenant = :tenant AND o.conversation = :conversation
            """;

    private static final String LOCK = COLUMNS + " AND o.seq = :seq FOR UPDATE";
    private static final String LOCK_FREE = LOCK + " SKIP LOCKED";

    private static final String LOCK_WITH_OPEN = COLUMNS + """
            AND (o.seq = :seq OR o.state IN ('QUEUED', 'DISPATCHING', 'UNKNOWN'))
            ORDER BY o.seq
            FOR UPDATE
            """;

    private static final String WRITE = """
            UPDATE ${p}outbox SET
                state = :state, delivery_rank = :delivery_rank, attempt = :attempt, look_ups = :look_ups,
                token = :token, queued_at = :queued_at, due_at = :due_at, failed_at = :failed_at,
                provider_id = :provider_id, error = :error
            WHERE tenant = :tenant AND conversation = :conversation AND seq = :seq
            """;

    private static final Shape<MessageId> KEY = new Shape<MessageId>()
            .text("tenant", id -> id.conversation().tenant())
            .uuid("conversation", id -> id.conversation().value())
            .number("seq", MessageId::seq);

    private static final Shape<Row> SHAPE = KEY.of(Row::id)
            .text("state", row -> row.state().name())
            .integer("delivery_rank", Row::rank)
            .integer("attempt", Row::attempt)
            .integer("look_ups", Row::lookUps)
            .uuid("token", Row::token)
            .time("queued_at", Row::queuedAt)
            .time("due_at", Row::due)
            .time("failed_at", Row::failedAt)
            .text("provider_id", Row::providerId)
            .text("error", Row::error);

    private final Sql sql;

    OutboxRows(Sql sql) {
        this.sql = sql;
    }

    Optional<Row> lock(Handle handle, MessageId id) {
        return sql.bind(sql.query(handle, LOCK), KEY, id)
                .map((row, context) -> read(row))
                .findOne();
    }

    /** Empty also when somebody else holds it. */
    Optional<Row> lockIfFree(Handle handle, MessageId id) {
        return sql.bind(sql.query(handle, LOCK_FREE), KEY, id)
                .map((row, context) -> read(row))
                .findOne();
    }

    /**
     * Locks a row together with all of its conversation's open rows, in their order: a worker that is giving one of them
     * its permit is waited for, and none can be given until this transaction is over.
     */
    Optional<Row> lockWithOpen(Handle handle, MessageId id) {
        return sql.bind(sql.query(handle, LOCK_WITH_OPEN), KEY, id).map((row, context) -> read(row)).list().stream()
                .filter(row -> row.id().equals(id))
                .findFirst();
    }

    /** Writes a locked row back, and tells the feed when people see another delivery. */
    void write(Handle handle, Row before, Row after, Actor actor, Instant now) {
        if (after.equals(before)) {
            return;
        }
        sql.bind(sql.update(handle, WRITE), SHAPE, after).execute();
        if (after.delivery() != before.delivery() && after.state() != OutboxState.DISPATCHING) {
            tell(handle, after, actor, now);
        }
    }

    private void tell(Handle handle, Row row, Actor actor, Instant now) {
        var event = EventRows.deliveryUpdated(
                row.id(), row.owner(), row.delivery(), row.error(), row.providerId(), actor, now);
        sql.batch(handle, EventRows.INSERT_PENDING, EventRows.SHAPE, List.of(event));
    }

    static Row read(ResultSet row) throws SQLException {
        return new Row(
                MessageRows.id(row),
                Columns.text(row, "channel"),
                Columns.text(row, "owner"),
                row.getLong("epoch"),
                row.getBoolean("fenced"),
                OutboxState.valueOf(Columns.text(row, "state")),
                row.getInt("delivery_rank"),
                row.getInt("attempt"),
                row.getInt("look_ups"),
                Columns.uuidOrNull(row, "token"),
                Columns.instant(row, "queued_at"),
                Columns.instant(row, "due_at"),
                Columns.instantOrNull(row, "failed_at"),
                Columns.textOrNull(row, "provider_id"),
                Columns.textOrNull(row, "error"));
    }
}
