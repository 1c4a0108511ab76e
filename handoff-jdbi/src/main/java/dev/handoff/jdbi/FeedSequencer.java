package dev.handoff.jdbi;

import dev.handoff.model.Event;
import dev.handoff.store.Feed.FeedEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Gives committed events their places in the feed. The tenant's head is locked by one statement and the waiting events
 * are read by the next, whose snapshot is therefore younger than the lock: whoever held it before has committed, and what
 * they placed is not read again. In one statement, the snapshot would be older than the lock.
 *
 * <p>A reader never sees a place below one that it has passed: places are given and committed under the lock, in order.
 * A process that dies before its commit leaves the events waiting.
 */
final class FeedSequencer {

    /** One probe of the index a tenant; counting would read all that waits. */
    private static final String TENANTS_POSTGRES = """
            WITH RECURSIVE w AS (
                (SELECT p.tenant, p.id FROM ${p}feed_pending p ORDER BY p.tenant, p.id LIMIT 1)
                UNION ALL
                SELECT n.tenant, n.id FROM w CROSS JOIN LATERAL (
                    SELECT p.tenant, p.id FROM ${p}feed_pending p
                    WHERE p.tenant > w.tenant ORDER BY p.tenant, p.id LIMIT 1) n)
            SELECT w.tenant FROM w ORDER BY w.id LIMIT ${limit}
            """;

    private static final String TENANTS_H2 =
            "SELECT p.tenant FROM ${p}feed_pending p GROUP BY p.tenant ORDER BY min(p.id) LIMIT ${limit}";

    private static final String LOCK_HEAD = "SELECT h.pos FROM ${p}feed_head h WHERE h.tenant = :tenant FOR UPDATE";

    private static final String INSERT_HEAD_POSTGRES =
            "INSERT INTO ${p}feed_head (tenant, pos) VALUES (:tenant, 0) ON CONFLICT DO NOTHING";
    private static final String INSERT_HEAD_H2 = "INSERT INTO ${p}feed_head (tenant, pos) VALUES (:tenant, 0)";

    private static final String MOVE_POSTGRES = """
            WITH batch AS (
                DELETE FROM ${p}feed_pending p
                WHERE p.tenant = :tenant AND p.id = ANY (ARRAY(
                    SELECT x.id FROM ${p}feed_pending x WHERE x.tenant = :tenant ORDER BY x.id LIMIT ${limit}))
                RETURNING p.*),
            placed AS (
                INSERT INTO ${p}feed (tenant, pos, conversation, seq, event_type, actor, happened_at, data)
                SELECT b.tenant, :head + row_number() OVER (ORDER BY b.id),
                    b.conversation, b.seq, b.event_type, b.actor, b.happened_at, b.data
                FROM batch b
                RETURNING pos),
            moved AS (SELECT count(*) AS number FROM placed)
            UPDATE ${p}feed_head h SET pos = h.pos + moved.number FROM moved WHERE h.tenant = :tenant
            RETURNING moved.number
            """;

    private static final String PENDING_H2 = """
            SELECT p.id, p.tenant, p.conversation, p.seq, p.event_type, p.actor, p.happened_at, p.data
            FROM ${p}feed_pending p WHERE p.tenant = :tenant ORDER BY p.id LIMIT ${limit}
            """;
    private static final String PLACE_H2 = """
            INSERT INTO ${p}feed (tenant, pos, conversation, seq, event_type, actor, happened_at, data)
            VALUES (:tenant, :pos, :conversation, :seq, :event_type, :actor, :happened_at, :data)
            """;
    private static final String REMOVE_H2 = "DELETE FROM ${p}feed_pending WHERE tenant = :tenant AND id = :id";
    private static final String MOVE_HEAD_H2 = "UPDATE ${p}feed_head SET pos = :pos WHERE tenant = :tenant";

    private static final String READ = """
            SELECT f.pos, f.tenant, f.conversation, f.seq, f.event_type, f.actor, f.happened_at, f.data
            FROM ${p}feed f WHERE f.tenant = :tenant AND f.pos > :after ORDER BY f.pos LIMIT ${limit}
            """;

    private static final String END = "SELECT h.pos FROM ${p}feed_head h WHERE h.tenant = :tenant";

    /** A waiting event on H2, with the place that it gets. */
    private record Placed(long pendingId, long pos, Event event) {}

    private static final Shape<Placed> PLACED =
            EventRows.SHAPE.of(Placed::event).number("pos", Placed::pos).number("id", Placed::pendingId);

    private final Transactions transactions;
    private final Sql sql;

    FeedSequencer(Transactions transactions, Sql sql) {
        this.transactions = transactions;
        this.sql = sql;
    }

    /** Moves up to {@code limit} events, with as equal a share for each tenant as there is, oldest first. */
    int sequence(int limit) {
        int moved = 0;
        while (moved < limit) {
            int left = limit - moved;
            List<String> tenants =
                    transactions.autocommit(handle -> sql.query(handle, sql.either(TENANTS_POSTGRES, TENANTS_H2), left)
                            .map((row, context) -> Columns.text(row, "tenant"))
                            .list());
            if (tenants.isEmpty()) {
                break;
            }
            int share = Math.max(1, left / tenants.size());
            for (String tenant : tenants) {
                int most = Math.min(share, limit - moved);
                if (most > 0) {
                    moved += transactions.inTransaction(handle -> sequence(handle, tenant, most));
                }
            }
        }
        return moved;
    }

    private int sequence(Handle handle, String tenant, int limit) {
        long head = lockHead(handle, tenant);
        return sql.isPostgres() ? move(handle, tenant, head, limit) : moveOneByOne(handle, tenant, head, limit);
    }

    private long lockHead(Handle handle, String tenant) {
        Optional<Long> head = head(handle, LOCK_HEAD, tenant);
        if (head.isPresent()) {
            return head.get();
        }
        try {
            Sql.text(sql.update(handle, sql.either(INSERT_HEAD_POSTGRES, INSERT_HEAD_H2)), "tenant", tenant)
                    .execute();
        } catch (RuntimeException failure) {
            // H2 has no ON CONFLICT, and undoes this statement only: somebody else has made the head meanwhile.
            if (!Failures.isDuplicate(failure)) {
                throw failure;
            }
        }
        return head(handle, LOCK_HEAD, tenant).orElseThrow();
    }

    private int move(Handle handle, String tenant, long head, int limit) {
        Query query = Sql.number(sql.query(handle, MOVE_POSTGRES, limit), "head", head);
        return Sql.text(query, "tenant", tenant)
                .map((row, context) -> row.getInt("number"))
                .one();
    }

    private int moveOneByOne(Handle handle, String tenant, long head, int limit) {
        List<Placed> placed = new ArrayList<>();
        Sql.text(sql.query(handle, PENDING_H2, limit), "tenant", tenant)
                .map((row, context) ->
                        placed.add(new Placed(row.getLong("id"), head + placed.size() + 1, EventRows.read(row))))
                .list();
        sql.batch(handle, PLACE_H2, PLACED, placed);
        sql.batch(handle, REMOVE_H2, PLACED, placed);
        if (!placed.isEmpty()) {
            Sql.text(Sql.number(sql.update(handle, MOVE_HEAD_H2), "pos", head + placed.size()), "tenant", tenant)
                    .execute();
        }
        return placed.size();
    }

    List<FeedEntry> after(Handle handle, String tenant, long after, int limit) {
        Query query = Sql.number(sql.query(handle, READ, limit), "after", after);
        return Sql.text(query, "tenant", tenant)
                .map((row, context) -> new FeedEntry(row.getLong("pos"), EventRows.read(row)))
                .list();
    }

    long end(Handle handle, String tenant) {
        return head(handle, END, tenant).orElse(0L);
    }

    private Optional<Long> head(Handle handle, String query, String tenant) {
        return Sql.text(sql.query(handle, query), "tenant", tenant)
                .map((row, context) -> row.getLong("pos"))
                .findOne();
    }
}
