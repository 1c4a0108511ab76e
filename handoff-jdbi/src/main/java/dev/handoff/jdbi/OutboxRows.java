package dev.handoff.jdbi;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.model.Actor;
import dev.handoff.model.Delivery;
import dev.handoff.model.MessageId;
import dev.handoff.store.Outbox;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
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
            return with(it -> {
                it.state = OutboxState.QUEUED;
                it.rank = 0;
                it.attempt = 0;
                it.lookUps = 0;
                it.token = null;
                it.queuedAt = now;
                it.due = now;
                it.providerId = null;
                it.error = null;
            });
        }

        Row failed(@Nullable String why, Instant now) {
            return with(it -> {
                it.state = OutboxState.FAILED;
                it.failedAt = now;
                it.error = why;
            });
        }

        Row dropped() {
            return with(it -> {
                it.failedAt = null;
                it.error = Outbox.dropped(error);
            });
        }

        Row sent(int atRank, @Nullable String as) {
            return with(it -> {
                it.state = OutboxState.SENT;
                it.rank = atRank;
                it.providerId = as;
                it.error = state == OutboxState.SENT ? error : null;
            });
        }

        Row again(Instant at, String why, boolean counts) {
            return with(it -> {
                it.state = fenced ? OutboxState.SUPPRESSED : OutboxState.QUEUED;
                it.attempt = counts ? attempt : attempt - 1;
                it.due = at;
                it.error = why;
            });
        }

        Row unknown(Instant lookUpAt, String why, int lookedUp) {
            return with(it -> {
                it.state = OutboxState.UNKNOWN;
                it.lookUps = lookedUp;
                it.due = lookUpAt;
                it.error = why;
            });
        }

        Row dispatching(UUID newToken, Instant leaseUntil) {
            return with(it -> {
                it.state = OutboxState.DISPATCHING;
                it.attempt = attempt + 1;
                it.lookUps = 0;
                it.token = newToken;
                it.due = leaseUntil;
            });
        }

        Row withError(@Nullable String text) {
            return with(it -> it.error = text);
        }

        Row knownAs(@Nullable String provider) {
            return with(it -> it.providerId = provider);
        }

        Row dueAt(Instant at) {
            return with(it -> it.due = at);
        }

        private Row with(Consumer<Changes> change) {
            Changes changes = new Changes(this);
            change.accept(changes);
            return changes.applied();
        }
    }

    /** The part of a row that changes, open to be changed for one moment. */
    private static final class Changes {
        private final Row row;
        private OutboxState state;
        private int rank;
        private int attempt;
        private int lookUps;
        private @Nullable UUID token;
        private Instant queuedAt;
        private Instant due;
        private @Nullable Instant failedAt;
        private @Nullable String providerId;
        private @Nullable String error;

        Changes(Row row) {
            this.row = row;
            this.state = row.state;
            this.rank = row.rank;
            this.attempt = row.attempt;
            this.lookUps = row.lookUps;
            this.token = row.token;
            this.queuedAt = row.queuedAt;
            this.due = row.due;
            this.failedAt = row.failedAt;
            this.providerId = row.providerId;
            this.error = row.error;
        }

        Row applied() {
            return new Row(
                    row.id,
                    row.channel,
                    row.owner,
                    row.epoch,
                    row.fenced,
                    state,
                    rank,
                    attempt,
                    lookUps,
                    token,
                    queuedAt,
                    due,
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

    static final Shape<MessageId> KEY = new Shape<MessageId>()
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

    /** Writes a locked row back, and tells the feed though people see the same delivery. */
    void writeAndTell(Handle handle, Row after, Actor actor, Instant now) {
        sql.bind(sql.update(handle, WRITE), SHAPE, after).execute();
        tell(handle, after, actor, now);
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
