package dev.handoff.jdbi;

import dev.handoff.store.Backlog;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.SenderContact;
import dev.handoff.store.SenderId;
import dev.handoff.store.SenderState;
import dev.handoff.store.SenderState.Turn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * The senders' rows. Each change raises the row's version, so that whoever decides on what was read without a lock can tell
 * by comparing whether it still holds. A claim locks several of these, and the outbox's, and skips what others hold; nobody
 * else locks anything beside one.
 */
final class Senders {

    /** A sender that has something to send, as it was read. */
    record Waiting(Row row, boolean isKnown, Instant now) {}

    /** @param key what stands for the inbox in the key */
    record Row(SenderId id, String key, long version, SenderState state) {
        Row with(SenderState next) {
            return new Row(id, key, version + 1, next);
        }
    }

    /** A sender that may send: what it may, and what it will be then, but for the moment of its next send. */
    record Share(Row row, Turn turn, SenderState next, int place) {}

    /**
     * Those that have something due, the one that was served longest ago first. From one sender to the next by the index:
     * what waits is not counted through.
     */
    private static final String POSTGRES_WAITING = """
            WITH RECURSIVE t AS MATERIALIZED (SELECT clock_timestamp() AS now),
            waiting AS (
                (SELECT o.tenant, o.channel, hashtextextended(o.inbox, 0)::text AS inbox_key, o.inbox
                FROM ${p}outbox o
                WHERE o.state = 'QUEUED'
                ORDER BY o.tenant, o.channel, hashtextextended(o.inbox, 0)::text
                LIMIT 1)
                UNION ALL
                SELECT n.tenant, n.channel, n.inbox_key, n.inbox
                FROM waiting w
                CROSS JOIN LATERAL (
                    SELECT o.tenant, o.channel, hashtextextended(o.inbox, 0)::text AS inbox_key, o.inbox
                    FROM ${p}outbox o
                    WHERE o.state = 'QUEUED'
                        AND (o.tenant, o.channel, hashtextextended(o.inbox, 0)::text) > (w.tenant, w.channel, w.inbox_key)
                    ORDER BY o.tenant, o.channel, hashtextextended(o.inbox, 0)::text
                    LIMIT 1) n)
            SELECT w.tenant, w.channel, w.inbox_key, w.inbox, t.now,
                s.version, s.next_at, s.rests_until, s.failures, s.failing_since, s.pause
            FROM waiting w
            CROSS JOIN t
            LEFT JOIN ${p}sender s
                ON s.tenant = w.tenant AND s.channel = w.channel AND s.inbox_key = w.inbox_key
            WHERE EXISTS (
                SELECT 1 FROM ${p}outbox o
                WHERE o.state = 'QUEUED' AND o.tenant = w.tenant AND o.channel = w.channel
                    AND hashtextextended(o.inbox, 0)::text = w.inbox_key AND o.owner IN ('AGENT', 'SYSTEM', 'BOT') AND o.due_at <= t.now
                OFFSET 0)
            ORDER BY s.served_at NULLS FIRST
            """;

    private static final String H2_WAITING = """
            SELECT w.tenant, w.channel, w.inbox AS inbox_key, w.inbox, s.version, s.next_at, s.rests_until, s.failures,
                s.failing_since, s.pause
            FROM (
                SELECT DISTINCT o.tenant, o.channel, o.inbox FROM ${p}outbox o
                WHERE o.state = 'QUEUED' AND o.due_at <= :now) w
            LEFT JOIN ${p}sender s ON s.tenant = w.tenant AND s.channel = w.channel AND s.inbox_key = w.inbox
            ORDER BY s.served_at NULLS FIRST
            """;

    private static final String BACKLOGS = """
            SELECT o.tenant, o.channel, o.inbox, count(*) AS messages FROM ${p}outbox o
            WHERE o.state = 'QUEUED'
            GROUP BY o.tenant, o.channel, o.inbox
            ORDER BY count(*) DESC
            """;

    private static final String LOCK = """
            SELECT s.tenant, s.channel, s.inbox_key, s.inbox, s.version, s.next_at, s.rests_until, s.failures,
                s.failing_since, s.pause
            FROM ${p}sender s
            WHERE s.tenant = :tenant AND s.channel = :channel AND s.inbox_key = ${key}
            FOR UPDATE""";

    /** Never served: a new sender's next_at is the epoch. */
    private static final String INSERT = """
            INSERT INTO ${p}sender (tenant, channel, inbox_key, inbox, version, next_at, rests_until, failures,
                failing_since, pause, served_at)
            VALUES (:tenant, :channel, ${key}, :inbox, :version, :next_at, :rests_until, :failures, :failing_since, :pause,
                :next_at)
            """;

    private static final String WRITE = """
            UPDATE ${p}sender SET version = :version, next_at = :next_at, rests_until = :rests_until,
                failures = :failures, failing_since = :failing_since, pause = :pause
            WHERE tenant = :tenant AND channel = :channel AND inbox_key = :inbox_key
            """;

    private static final String SERVED = """
            UPDATE ${p}sender SET served_at = :now
            WHERE tenant = :tenant AND channel = :channel AND inbox_key = :inbox_key
            """;

    private static final Shape<SenderId> ID = new Shape<SenderId>()
            .text("tenant", SenderId::tenant)
            .text("channel", SenderId::channel)
            .text("inbox", SenderId::inbox);

    private static final Shape<Row> KEY = new Shape<Row>()
            .text("tenant", row -> row.id().tenant())
            .text("channel", row -> row.id().channel())
            .text("inbox", row -> row.id().inbox())
            .text("inbox_key", Row::key)
            .number("version", Row::version);

    private static final Shape<Row> SHAPE = KEY.of((Row row) -> row)
            .time("next_at", row -> row.state().nextAt())
            .time("rests_until", row -> row.state().restsUntil())
            .integer("failures", row -> row.state().failures())
            .time("failing_since", row -> row.state().failingSince())
            .number("pause", row -> Sql.micros(row.state().pause()));

    /** One share of a claim, as PostgreSQL's statement takes it. */
    static final Shape<Share> SHARE = KEY.of(Share::row)
            .integer("place", Share::place)
            .integer("room", share -> share.turn().room())
            .time("first_at", share -> share.turn().first())
            .time("rests_until", share -> share.next().restsUntil())
            .number("pause", share -> Sql.micros(share.next().pause()));

    private final Sql sql;

    Senders(Sql sql) {
        this.sql = sql;
    }

    /** Those that have something due, the one that was served longest ago first. Locks nothing. */
    List<Waiting> waiting(Handle handle) {
        Instant processNow = sql.processNow();
        return Sql.time(sql.query(handle, sql.either(POSTGRES_WAITING, H2_WAITING)), "now", processNow)
                .map((row, context) -> new Waiting(
                        read(row),
                        Columns.numberOrNull(row, "version") != null,
                        sql.isPostgres() ? Columns.instant(row, "now") : processNow))
                .list();
    }

    List<Backlog> backlogs(Handle handle) {
        return sql.query(handle, BACKLOGS)
                .map((row, context) -> new Backlog(id(row), row.getLong("messages")))
                .list();
    }

    /**
     * What those that wait may send now: of very many only the first, or each claim would lock what others could give. Rather
     * more than are asked for, since not all may have as much to send.
     */
    static List<Share> shares(List<Waiting> waiting, PermitRequest request) {
        List<Share> shares = new ArrayList<>();
        int enough = 2 * request.limit();
        for (Waiting sender : waiting) {
            if (enough <= 0) {
                break;
            }
            Row row = sender.row();
            Turn turn = request.turn(row.id(), row.state(), sender.now(), request.limit());
            if (turn.room() > 0) {
                SenderState next = row.state().gave(sender.now(), turn.first(), turn.interval());
                shares.add(new Share(row, turn, next, shares.size()));
                enough -= turn.room();
            }
        }
        return shares;
    }

    /** Makes the row of a sender that has none yet; leaves one that is there. */
    void make(Handle handle, SenderId id) {
        Row row = new Row(id, id.inbox(), 0, SenderState.NEW);
        try {
            sql.bind(sql.update(handle, insert()), SHAPE, row).execute();
        } catch (RuntimeException failure) {
            if (!Failures.isDuplicate(failure)) {
                throw failure;
            }
            // H2: somebody else made it at this moment.
        }
    }

    private String insert() {
        return keyed(INSERT) + sql.either(" ON CONFLICT DO NOTHING", "");
    }

    private String keyed(String constant) {
        return constant.replace("${key}", sql.either("hashtextextended(:inbox, 0)::text", ":inbox"));
    }

    /** Waits for the lock of a sender's row; empty when there is none. */
    Optional<Row> lock(Handle handle, SenderId id) {
        return sql.bind(sql.query(handle, keyed(LOCK)), ID, id)
                .map((row, context) -> read(row))
                .findOne();
    }

    /** Empty also when somebody else holds it. */
    Optional<Row> lockIfFree(Handle handle, SenderId id) {
        return sql.bind(sql.query(handle, keyed(LOCK) + " SKIP LOCKED"), ID, id)
                .map((row, context) -> read(row))
                .findOne();
    }

    /** Writes a locked row back. */
    void write(Handle handle, Row row) {
        sql.bind(sql.update(handle, WRITE), SHAPE, row).execute();
    }

    /** Sends a locked row to the end of the senders' turns. */
    void served(Handle handle, Row row, Instant now) {
        Sql.time(sql.bind(sql.update(handle, SERVED), SHAPE, row), "now", now).execute();
    }

    /** Keeps what attempts have said of one sender, in a transaction of its own. */
    void record(Handle handle, SenderId sender, List<SenderContact> contacts) {
        Optional<Row> present = lock(handle, sender);
        if (present.isEmpty()) {
            make(handle, sender);
            present = lock(handle, sender);
        }
        Row row = present.orElseThrow();
        Instant now = sql.now(handle);
        SenderState state = row.state();
        for (SenderContact contact : contacts) {
            state = state.after(contact.kind(), now);
        }
        write(handle, row.with(state));
    }

    static <S extends SqlStatement<S>> S bind(Sql sql, S statement, SenderId id) {
        return sql.bind(statement, ID, id);
    }

    private static SenderId id(ResultSet row) throws SQLException {
        return new SenderId(Columns.text(row, "tenant"), Columns.text(row, "channel"), Columns.text(row, "inbox"));
    }

    private static Row read(ResultSet row) throws SQLException {
        SenderId id = id(row);
        String key = Columns.text(row, "inbox_key");
        Long version = Columns.numberOrNull(row, "version");
        return version == null ? new Row(id, key, 0, SenderState.NEW) : new Row(id, key, version, state(row));
    }

    private static SenderState state(ResultSet row) throws SQLException {
        return new SenderState(
                Columns.instant(row, "next_at"),
                Columns.instant(row, "rests_until"),
                row.getInt("failures"),
                Columns.instantOrNull(row, "failing_since"),
                Duration.of(row.getLong("pause"), ChronoUnit.MICROS));
    }
}
