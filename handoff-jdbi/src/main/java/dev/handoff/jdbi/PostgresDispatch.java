package dev.handoff.jdbi;

import dev.handoff.channel.OutboundMessage;
import dev.handoff.jdbi.Senders.Share;
import dev.handoff.jdbi.Senders.Waiting;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.SenderState;
import dev.handoff.store.UnresolvedAttempt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Dispatch on PostgreSQL: each step is one statement. Rows are locked first, with what they hold looked at again under the
 * lock, and changed then. Workers skip each other's rows, wait for nobody, and commit by the statement itself; results
 * lock theirs in the order of (conversation, seq), as everybody does, in a transaction that says how long.
 */
final class PostgresDispatch extends Dispatch {
    private static final int LOOKS = 2;

    /**
     * The commit of this statement is the permit. A change of control that commits first has fenced the row: the lock
     * finds it changed, and passes it over. One that comes later waits for the row's lock, and reports the message as in
     * flight. A worker that dies after the commit leaves a row whose lease runs out.
     *
     * <p>A sender's share was worked out from its row as it was read a moment ago: it holds if nobody has changed the row
     * since. Whoever finds it changed, or held, gives that sender's permits another time; the other node is giving them now.
     * A sender's turn is over even where nothing of it could be sent, or those with blocked lines would stay in front; but not
     * where all permits were given before it came to its turn.
     *
     * <p>A customer may be written to again some time after the latest attempt, for which the message before in the same
     * conversation stands. Each message begins one interval after the one before it, or when its customer may be written to:
     * the running maximum says so without going through them one by one.
     */
    private static final String CLAIM = """
            WITH t AS MATERIALIZED (SELECT clock_timestamp() AS now),
            share AS MATERIALIZED (
                SELECT u.* FROM unnest(
                    :tenant, :channel, :inbox_key, :version, :place, :room, :first_at, :rests_until, :pause)
                    AS u (tenant, channel, inbox_key, version, place, room, first_at, rests_until, pause)
                JOIN ${p}sender s
                    ON s.tenant = u.tenant AND s.channel = u.channel AND s.inbox_key = u.inbox_key
                        AND s.version = u.version
                FOR UPDATE OF s SKIP LOCKED),
            head AS MATERIALIZED (
                SELECT u.place, h.*
                FROM share u
                CROSS JOIN LATERAL (
                    SELECT c.turn, q.* FROM (VALUES (1, 'AGENT'), (1, 'SYSTEM'), (2, 'BOT')) AS c (turn, owner)
                    CROSS JOIN LATERAL (
                        SELECT o.tenant, o.conversation, o.seq, o.due_at, f.free_at
                        FROM ${p}outbox o
                        CROSS JOIN t
                        CROSS JOIN LATERAL (SELECT greatest(o.attempted_at, (
                            SELECT e.attempted_at FROM ${p}outbox e
                            WHERE e.tenant = o.tenant AND e.conversation = o.conversation AND e.seq < o.seq
                                AND e.attempted_at IS NOT NULL
                            ORDER BY e.seq DESC LIMIT 1)) AS at OFFSET 0) l
                        CROSS JOIN LATERAL (SELECT greatest(t.now, CASE
                            WHEN l.at <= t.now + 2 * :ahead * INTERVAL '1 microsecond'
                                THEN l.at + :recipient_interval * INTERVAL '1 microsecond' END) AS free_at OFFSET 0) f
                        WHERE o.state = 'QUEUED' AND o.tenant = u.tenant AND o.channel = u.channel
                            AND hashtextextended(o.inbox, 0)::text = u.inbox_key AND o.owner = c.owner
                            AND o.due_at <= (SELECT now FROM t) AND NOT o.fenced
                            AND ${head}
                            AND f.free_at <= t.now + :ahead * INTERVAL '1 microsecond'
                        ORDER BY o.due_at
                        LIMIT u.room
                        FOR UPDATE OF o SKIP LOCKED) q
                    ORDER BY c.turn, q.due_at
                    LIMIT u.room) h
                ORDER BY u.place, h.turn, h.due_at
                LIMIT :limit),
            placed AS MATERIALIZED (
                SELECT h.*, row_number() OVER (PARTITION BY h.place ORDER BY h.free_at, h.turn, h.due_at)
                    * :interval * INTERVAL '1 microsecond' AS later
                FROM head h),
            begun AS MATERIALIZED (
                SELECT p.*, p.later + max(greatest(p.free_at, u.first_at) - p.later)
                    OVER (PARTITION BY p.place ORDER BY p.later, p.free_at, p.turn, p.due_at) AS begin_at
                FROM placed p
                JOIN share u ON u.place = p.place),
            given AS (
                UPDATE ${p}outbox o SET
                    state = 'DISPATCHING', attempt = o.attempt + 1, token = gen_random_uuid(), look_ups = 0,
                    attempted_at = b.begin_at,
                    due_at = t.now + :lease * INTERVAL '1 microsecond'
                FROM begun b, t
                WHERE o.tenant = b.tenant AND o.conversation = b.conversation AND o.seq = b.seq
                RETURNING o.tenant, o.conversation, o.seq, o.channel, o.inbox, o.customer, o.owner, o.attempt,
                    o.token, o.attempted_at, o.queued_at, b.place, b.begin_at, t.now),
            tried AS (
                INSERT INTO ${p}attempt (tenant, token, conversation, seq, attempt, channel, attempted_at)
                SELECT g.tenant, g.token, g.conversation, g.seq, g.attempt, g.channel, g.attempted_at FROM given g),
            served AS (
                UPDATE ${p}sender s SET
                    served_at = CASE WHEN u.place <= coalesce((SELECT max(b.place) FROM begun b), u.place)
                        THEN t.now ELSE s.served_at END,
                    version = CASE WHEN l.place IS NULL THEN s.version ELSE s.version + 1 END,
                    rests_until = CASE WHEN l.place IS NULL THEN s.rests_until ELSE u.rests_until END,
                    pause = CASE WHEN l.place IS NULL THEN s.pause ELSE u.pause END,
                    next_at = coalesce(l.begin_at + :interval * INTERVAL '1 microsecond', s.next_at)
                FROM share u
                LEFT JOIN (SELECT b.place, max(b.begin_at) AS begin_at FROM begun b GROUP BY b.place) l
                    ON l.place = u.place
                CROSS JOIN t
                WHERE s.tenant = u.tenant AND s.channel = u.channel AND s.inbox_key = u.inbox_key)
            SELECT g.tenant, g.conversation, g.seq, g.channel, g.inbox, g.customer, g.owner, g.attempt, g.token,
                g.attempted_at, g.queued_at, g.place, g.begin_at, g.now, m.body, m.media, m.template
            FROM given g
            JOIN ${p}message m ON m.tenant = g.tenant AND m.conversation = g.conversation AND m.seq = g.seq
            ORDER BY g.place, g.begin_at
            """.replace("${head}", IS_HEAD.replace("${once}", "OFFSET 0"));

    /** What people see: sending has come this far, or the provider has said more. */
    private static final String SEEN = """
            CASE WHEN d.next = 'SENT' AND d.delivery_rank >= 6 THEN 'READ'
                WHEN d.next = 'SENT' AND d.delivery_rank = 5 THEN 'DELIVERED' ELSE d.next END""";

    private static final String TELL = """
            INSERT INTO ${p}feed_pending (tenant, conversation, event_type, actor, happened_at, data)
            SELECT d.tenant, d.conversation, 'DELIVERY_UPDATED', d.actor, t.now,
                json_strip_nulls(json_build_object(
                    'messageId', d.conversation || '.' || d.seq, 'owner', d.owner, 'delivery', ${seen},
                    'reason', CASE WHEN d.next = 'SUPPRESSED' THEN '${fenced}' END,
                    'error', d.error, 'providerMessageId', d.provider_id))
            FROM decided d, t
            WHERE d.next <> d.was
            ORDER BY d.conversation, d.seq
            """.replace("${seen}", SEEN).replace("${fenced}", EventRows.FENCED);

    /**
     * A result whose attempt is not the row's present one finds no row; one that comes too late leaves the state. But that
     * it was sent is the truth, even where look-ups found nothing and the message was queued again, suppressed or given up
     * for that, unless the provider has said since that it failed: its report leaves the provider's id on the row, which the
     * lock shows, where the attempt may be seen as it was before the wait for it. Of two attempts that find the same message
     * at one moment, the unique key lets one be known by it; the other is recorded anew, and sees it.
     */
    private static final String RECORD = """
            WITH t AS MATERIALIZED (SELECT clock_timestamp() AS now),
            locked AS MATERIALIZED (
                SELECT o.tenant, o.conversation, o.seq, o.token, o.owner, o.state AS was, o.fenced, o.delivery_rank,
                    o.provider_id AS known_as, o.error AS last_error, 'channel:' || o.channel AS actor, o.channel,
                    v.verdict, CASE WHEN v.verdict = 'SENT' THEN r.provider_id END AS sent_as,
                    CASE WHEN v.verdict <> 'SENT' THEN r.reason END AS reason, r.delay, r.counts, r.look_up,
                    o.state IN ('DISPATCHING', 'UNKNOWN')
                        OR o.state <> 'SENT' AND v.verdict = 'SENT' AND o.provider_id IS NULL AND NOT EXISTS (
                            SELECT 1 FROM ${p}attempt x
                            WHERE x.tenant = o.tenant AND x.token = r.token AND x.failed OFFSET 0) AS unsettled
                FROM (
                    SELECT * FROM unnest(
                        :tenant, :conversation, :seq, :token, :verdict, :provider_id, :reason, :delay, :counts,
                        :look_up)
                        AS u (tenant, conversation, seq, token, verdict, provider_id, reason, delay, counts, look_up)
                    ORDER BY u.tenant, u.conversation, u.seq) r
                CROSS JOIN LATERAL (
                    SELECT x.* FROM ${p}outbox x
                    WHERE x.tenant = r.tenant AND x.conversation = r.conversation AND x.seq = r.seq
                        AND x.token = r.token
                    FOR UPDATE) o
                CROSS JOIN LATERAL (
                    SELECT CASE WHEN r.verdict <> 'FOUND' THEN r.verdict
                        WHEN EXISTS (
                            SELECT 1 FROM ${p}attempt x
                            WHERE x.tenant = o.tenant AND x.channel = o.channel AND x.provider_id = r.provider_id
                                AND x.token <> r.token OFFSET 0) THEN 'UNCLEAR'
                        ELSE 'SENT' END AS verdict) v),
            decided AS MATERIALIZED (
                SELECT l.*,
                    CASE WHEN NOT l.unsettled THEN l.was
                        WHEN l.verdict = 'SENT' THEN 'SENT'
                        WHEN l.verdict = 'DEAD' THEN 'FAILED'
                        WHEN l.verdict IN ('UNKNOWN', 'UNCLEAR', 'NOT_FOUND') THEN 'UNKNOWN'
                        WHEN l.fenced THEN 'SUPPRESSED'
                        ELSE 'QUEUED' END AS next,
                    CASE WHEN l.unsettled THEN l.reason ELSE l.last_error END AS error,
                    CASE WHEN l.unsettled THEN coalesce(l.sent_as, l.known_as)
                        WHEN l.was = 'QUEUED' THEN l.known_as
                        ELSE coalesce(l.known_as, l.sent_as) END AS provider_id
                FROM locked l),
            written AS (
                UPDATE ${p}outbox o SET
                    state = d.next, error = d.error, provider_id = d.provider_id,
                    delivery_rank = CASE WHEN d.next = 'SENT' THEN greatest(o.delivery_rank, 1)
                        ELSE o.delivery_rank END,
                    due_at = CASE WHEN d.unsettled THEN t.now + d.delay * INTERVAL '1 microsecond'
                        ELSE o.due_at END,
                    attempt = CASE WHEN d.unsettled AND NOT d.counts THEN o.attempt - 1 ELSE o.attempt END,
                    look_ups = CASE WHEN d.verdict = 'UNKNOWN' THEN 0
                        WHEN d.look_up = o.look_ups + 1 THEN d.look_up ELSE o.look_ups END,
                    failed_at = CASE WHEN d.unsettled AND d.next = 'FAILED' THEN t.now ELSE o.failed_at END
                FROM decided d, t
                WHERE o.tenant = d.tenant AND o.conversation = d.conversation AND o.seq = d.seq),
            bound AS (
                UPDATE ${p}attempt a SET provider_id = d.sent_as
                FROM decided d
                WHERE d.sent_as IS NOT NULL AND a.tenant = d.tenant AND a.token = d.token AND a.provider_id IS NULL
                    AND NOT EXISTS (
                        SELECT 1 FROM ${p}attempt x
                        WHERE x.tenant = a.tenant AND x.channel = a.channel AND x.provider_id = d.sent_as OFFSET 0))
            """ + TELL;

    private static final Shape<Result> RESULT = new Shape<Result>()
            .text("tenant", r -> r.result().id().conversation().tenant())
            .uuid("conversation", r -> r.result().id().conversation().value())
            .number("seq", r -> r.result().id().seq())
            .uuid("token", r -> r.result().token())
            .text("verdict", Result::verdict)
            .text("provider_id", Result::providerId)
            .text("reason", Result::reason)
            .number("delay", r -> Sql.micros(r.delay()))
            .flag("counts", Result::counts)
            .integer("look_up", Result::lookUp);

    private static final String EXPIRE = """
            WITH t AS MATERIALIZED (SELECT clock_timestamp() AS now),
            over AS MATERIALIZED (
                SELECT o.tenant, o.conversation, o.seq FROM ${p}outbox o
                WHERE o.state = 'DISPATCHING' AND o.due_at <= (SELECT now FROM t)
                ORDER BY o.due_at
                LIMIT ${limit}
                FOR UPDATE SKIP LOCKED),
            decided AS (
                UPDATE ${p}outbox o SET state = 'UNKNOWN', due_at = t.now, error = :error
                FROM over x, t
                WHERE o.tenant = x.tenant AND o.conversation = x.conversation AND o.seq = x.seq
                RETURNING o.tenant, o.conversation, o.seq, o.owner, o.delivery_rank, o.provider_id, o.error,
                    'DISPATCHING' AS was, 'UNKNOWN' AS next, 'clock' AS actor)
            """ + TELL;

    private static final String CLAIM_UNRESOLVED = """
            WITH t AS MATERIALIZED (SELECT clock_timestamp() AS now),
            due AS MATERIALIZED (
                SELECT o.tenant, o.conversation, o.seq, o.due_at FROM ${p}outbox o
                WHERE o.state = 'UNKNOWN' AND o.due_at <= (SELECT now FROM t)
                ORDER BY o.due_at
                LIMIT ${limit}
                FOR UPDATE SKIP LOCKED),
            claimed AS (
                UPDATE ${p}outbox o SET due_at = t.now + :lease * INTERVAL '1 microsecond'
                FROM due x, t
                WHERE o.tenant = x.tenant AND o.conversation = x.conversation AND o.seq = x.seq
                RETURNING o.tenant, o.conversation, o.seq, o.channel, o.inbox, o.customer, o.owner, o.token,
                    o.attempted_at, o.look_ups, x.due_at)
            SELECT c.tenant, c.conversation, c.seq, c.channel, c.inbox, c.customer, c.owner, c.token,
                c.attempted_at, c.look_ups, a.attempt, m.body, m.media, m.template
            FROM claimed c
            JOIN ${p}message m ON m.tenant = c.tenant AND m.conversation = c.conversation AND m.seq = c.seq
            JOIN ${p}attempt a ON a.tenant = c.tenant AND a.token = c.token
            ORDER BY c.due_at
            """;

    PostgresDispatch(Transactions transactions, Sql sql) {
        super(transactions, sql);
    }

    @Override
    List<OutboundPermit> claimPermits(PermitRequest request) {
        // Once more where another node came first: what it has left, this one may give.
        for (int look = 0; look < LOOKS; look++) {
            List<Share> shares = transactions.autocommit(handle -> Senders.shares(waiting(handle), request));
            if (shares.isEmpty()) {
                break;
            }
            List<OutboundPermit> permits = transactions.autocommit(handle -> claim(handle, request, shares));
            if (!permits.isEmpty()) {
                return permits;
            }
        }
        return List.of();
    }

    private List<Waiting> waiting(Handle handle) {
        List<Waiting> waiting = senders.waiting(handle);
        for (Waiting sender : waiting) {
            if (!sender.isKnown()) {
                senders.make(handle, sender.row().id());
            }
        }
        return waiting;
    }

    private List<OutboundPermit> claim(Handle handle, PermitRequest request, List<Share> shares) {
        var claim = sql.bindArrays(sql.query(handle, CLAIM), "", Senders.SHARE, shares);
        Sql.micros(claim, "lease", request.lease());
        Sql.micros(claim, "interval", request.senderInterval());
        Sql.micros(claim, "recipient_interval", request.recipientInterval());
        Sql.micros(claim, "ahead", SenderState.AHEAD);
        Sql.number(claim, "limit", (long) request.limit());
        return claim.map((row, context) -> new OutboundPermit(
                        attempt(row, Columns.uuid(row, "token"), row.getInt("attempt")),
                        Columns.instant(row, "queued_at"),
                        Duration.between(Columns.instant(row, "now"), Columns.instant(row, "begin_at")),
                        shares.get(row.getInt("place")).row().state().health()))
                .list();
    }

    @Override
    void record(List<AttemptResult> results, Duration lockTimeout) {
        List<Result> rows = results.stream().map(Result::of).toList();
        transactions.tryInTransaction(
                lockTimeout,
                handle -> sql.bindArrays(sql.update(handle, RECORD), "", RESULT, rows)
                        .execute());
    }

    @Override
    int expireLeases(int limit) {
        return transactions.autocommit(handle ->
                Sql.text(sql.update(handle, EXPIRE, limit), "error", LEASE_OVER).execute());
    }

    @Override
    List<UnresolvedAttempt> claimUnresolved(int limit, Duration lease) {
        return transactions.autocommit(handle -> {
            record Claimed(OutboundMessage message, int lookUps) {}
            List<Claimed> claimed = Sql.micros(sql.query(handle, CLAIM_UNRESOLVED, limit), "lease", lease)
                    .map((row, context) -> new Claimed(
                            attempt(row, Columns.uuid(row, "token"), row.getInt("attempt")), row.getInt("look_ups")))
                    .list();
            List<UnresolvedAttempt> unresolved = new ArrayList<>();
            for (Claimed it : claimed) {
                unresolved.add(new UnresolvedAttempt(it.message(), it.lookUps(), boundElsewhere(handle, it.message())));
            }
            return unresolved;
        });
    }
}
