package dev.handoff.jdbi;

import dev.handoff.jdbi.Attempts.Attempt;
import dev.handoff.jdbi.OutboxRows.Row;
import dev.handoff.jdbi.Senders.Waiting;
import dev.handoff.model.Actor;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.SenderHealth;
import dev.handoff.store.SenderId;
import dev.handoff.store.SenderState;
import dev.handoff.store.SenderState.Turn;
import dev.handoff.store.UnresolvedAttempt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * Dispatch on H2: small transactions. Rows are found without a lock, then locked one by one and looked at again: what the
 * lock shows is what counts. The commit of the transaction is what gives the permits.
 */
final class H2Dispatch extends Dispatch {
    /** In the order of the index, all of it named, since H2 would sort else. */
    private static final String FIND_HEADS = """
            SELECT o.tenant, o.conversation, o.seq FROM ${p}outbox o
            WHERE o.state = 'QUEUED' AND o.tenant = :tenant AND o.channel = :channel AND o.inbox = :inbox
                AND o.owner = :owner AND o.due_at <= :now AND NOT o.fenced
                AND ${head}
                AND NOT EXISTS (
                    SELECT 1 FROM ${p}outbox e
                    WHERE e.tenant = o.tenant AND e.conversation = o.conversation AND e.seq <= o.seq
                        AND e.attempted_at > :too_lately AND e.attempted_at <= :soon)
            ORDER BY o.state, o.tenant, o.channel, o.inbox, o.owner, o.due_at
            LIMIT ${limit}
            """.replace("${head}", IS_HEAD.replace("${once}", ""));

    private static final String STILL_HEAD = """
            SELECT 1 FROM ${p}outbox o
            WHERE o.tenant = :tenant AND o.conversation = :conversation AND o.seq = :seq AND ${head}
            """.replace("${head}", IS_HEAD.replace("${once}", ""));

    /** What people and the library say goes before what bots say. */
    private static final List<MessageOwner> TURNS = List.of(MessageOwner.AGENT, MessageOwner.SYSTEM, MessageOwner.BOT);

    private static final String LATEST_ATTEMPT = """
            SELECT max(e.attempted_at) AS attempted_at FROM ${p}outbox e
            WHERE e.tenant = :tenant AND e.conversation = :conversation AND e.seq <= :seq
            """;

    private static final String FIND_DUE = """
            SELECT o.tenant, o.conversation, o.seq FROM ${p}outbox o
            WHERE o.state = :state AND o.due_at <= :now
            ORDER BY o.due_at
            LIMIT ${limit}
            """;

    private static final String GIVE = """
            UPDATE ${p}outbox SET attempted_at = :now
            WHERE tenant = :tenant AND conversation = :conversation AND seq = :seq
            """;

    private static final String READ = """
            SELECT o.tenant, o.conversation, o.seq, o.channel, o.inbox, o.customer, o.owner, o.token, o.attempted_at,
                o.queued_at, o.look_ups, a.attempt, m.body, m.media, m.template
            FROM ${p}outbox o
            JOIN ${p}message m ON m.tenant = o.tenant AND m.conversation = o.conversation AND m.seq = o.seq
            JOIN ${p}attempt a ON a.tenant = o.tenant AND a.token = o.token
            WHERE o.tenant = :tenant AND o.conversation = :conversation AND o.seq = :seq
            """;

    private final OutboxRows outbox;
    private final Attempts attempts;

    H2Dispatch(Transactions transactions, Sql sql) {
        super(transactions, sql);
        this.outbox = new OutboxRows(sql);
        this.attempts = new Attempts(sql);
    }

    /** What may be sent is looked for before the transaction: of much that waits, that takes long. */
    @Override
    List<OutboundPermit> claimPermits(PermitRequest request) {
        List<Found> found = transactions.autocommit(handle -> find(handle, request));
        return found.isEmpty() ? List.of() : transactions.inTransaction(handle -> give(handle, found, request));
    }

    /** What a sender may send, by what was read of it without a lock. */
    private record Found(Waiting sender, List<MessageId> heads) {}

    /** More than are asked for: what others hold must not cost those behind it their turn. */
    private List<Found> find(Handle handle, PermitRequest request) {
        List<Found> found = new ArrayList<>();
        int enough = 2 * request.limit();
        for (Waiting sender : senders.waiting(handle)) {
            if (enough <= 0) {
                break;
            }
            Senders.Row row = sender.row();
            int room = request.turn(row.id(), row.state(), sender.now(), request.limit())
                    .room();
            List<MessageId> heads = heads(handle, row.id(), room, request, sender.now());
            if (!heads.isEmpty()) {
                found.add(new Found(sender, heads));
                enough -= heads.size();
            }
        }
        return found;
    }

    private List<OutboundPermit> give(Handle handle, List<Found> found, PermitRequest request) {
        List<OutboundPermit> permits = new ArrayList<>();
        for (Found of : found) {
            int left = request.limit() - permits.size();
            if (left == 0) {
                break;
            }
            SenderId sender = of.sender().row().id();
            if (!of.sender().isKnown()) {
                senders.make(handle, sender);
            }
            // What another node holds is passed over.
            senders.lockIfFree(handle, sender)
                    .ifPresent(row -> permits.addAll(give(handle, row, of.heads(), left, request)));
        }
        return permits;
    }

    private record Ready(Row row, Instant from) {}

    private List<OutboundPermit> give(
            Handle handle, Senders.Row sender, List<MessageId> heads, int left, PermitRequest request) {
        Instant now = sql.now(handle);
        // Also one that has nothing to give after all: it would come first again, and be all that is looked at.
        senders.served(handle, sender, now);
        Turn turn = request.turn(sender.id(), sender.state(), now, left);
        List<Ready> ready = lockReady(handle, heads, turn.room(), request, now);
        if (ready.isEmpty()) {
            return List.of();
        }
        List<Instant> begins = turn.begins(ready.stream().map(Ready::from).toList());
        SenderHealth health = sender.state().health();
        List<OutboundPermit> permits = new ArrayList<>();
        for (int i = 0; i < begins.size(); i++) {
            permits.add(give(handle, ready.get(i).row(), begins.get(i), health, request.lease(), now));
        }
        Instant last = begins.get(begins.size() - 1);
        senders.write(handle, sender.with(sender.state().gave(now, last, turn.interval())));
        return permits;
    }

    /** Those whose customer may be written to already go first, or one who may not would hold up the others. */
    private List<Ready> lockReady(Handle handle, List<MessageId> heads, int room, PermitRequest request, Instant now) {
        List<Ready> ready = new ArrayList<>();
        for (MessageId id : heads) {
            if (ready.size() == room) {
                break;
            }
            outbox.lockIfFree(handle, id)
                    .filter(row -> row.state() == OutboxState.QUEUED
                            && !row.fenced()
                            && !row.due().isAfter(now)
                            && isHead(handle, id))
                    .map(row -> new Ready(row, request.mayBeWrittenToAt(latestAttempt(handle, id), now)))
                    // It may have been out since it was found.
                    .filter(it -> !it.from().isAfter(now.plus(SenderState.AHEAD)))
                    .ifPresent(ready::add);
        }
        ready.sort(Comparator.comparing(Ready::from));
        return ready;
    }

    /** An operator may have queued an earlier one again, since this one was found. */
    private boolean isHead(Handle handle, MessageId id) {
        return sql.bind(sql.query(handle, STILL_HEAD), OutboxRows.KEY, id)
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    private List<MessageId> heads(Handle handle, SenderId sender, int room, PermitRequest request, Instant now) {
        List<MessageId> heads = new ArrayList<>();
        for (MessageOwner owner : TURNS) {
            heads.addAll(heads(handle, sender, owner, room - heads.size(), request, now));
        }
        return heads;
    }

    private List<MessageId> heads(
            Handle handle, SenderId sender, MessageOwner owner, int limit, PermitRequest request, Instant now) {
        if (limit <= 0) {
            return List.of();
        }
        var query = Senders.bind(sql, sql.query(handle, FIND_HEADS, limit), sender);
        Sql.time(query, "too_lately", now.plus(SenderState.AHEAD).minus(request.recipientInterval()));
        Sql.time(query, "soon", now.plus(SenderState.AHEAD.multipliedBy(2)));
        return Sql.time(Sql.text(query, "owner", owner.name()), "now", now)
                .map((row, context) -> MessageRows.id(row))
                .list();
    }

    private Instant latestAttempt(Handle handle, MessageId id) {
        return sql.bind(sql.query(handle, LATEST_ATTEMPT), OutboxRows.KEY, id)
                .map((row, context) -> Optional.ofNullable(Columns.instantOrNull(row, "attempted_at")))
                .one()
                .orElse(Instant.EPOCH);
    }

    private OutboundPermit give(
            Handle handle, Row row, Instant begin, SenderHealth health, Duration lease, Instant now) {
        Row given = row.dispatching(UUID.randomUUID(), now.plus(lease));
        UUID token = Objects.requireNonNull(given.token());
        outbox.write(handle, row, given, row.provider(), now);
        Sql.time(sql.bind(sql.update(handle, GIVE), OutboxRows.KEY, row.id()), "now", begin)
                .execute();
        attempts.begin(handle, new Attempt(row.id(), token, given.attempt(), row.channel(), null, false), begin);
        return sql.bind(sql.query(handle, READ), OutboxRows.KEY, row.id())
                .map((it, context) -> new OutboundPermit(
                        attempt(it, token, given.attempt()),
                        Columns.instant(it, "queued_at"),
                        Duration.between(now, begin),
                        health))
                .one();
    }

    @Override
    void record(List<AttemptResult> results, Duration lockTimeout) {
        List<AttemptResult> ordered = results.stream()
                .sorted(Comparator.comparing(
                                (AttemptResult it) -> it.id().conversation().tenant())
                        .thenComparing(it -> it.id().conversation().value())
                        .thenComparing(it -> it.id().seq()))
                .toList();
        transactions.tryInTransaction(lockTimeout, handle -> {
            ordered.forEach(result -> record(handle, result));
            return ordered.size();
        });
    }

    private void record(Handle handle, AttemptResult result) {
        Optional<Row> present =
                outbox.lock(handle, result.id()).filter(it -> result.token().equals(it.token()));
        if (present.isEmpty()) {
            return;
        }
        Row row = present.get();
        Result verdict = Result.of(result);
        if (verdict.verdict().equals(FOUND)) {
            verdict = verdict.whenFound(isAnothers(handle, row, verdict));
        }
        String sentAs = verdict.providerId();
        boolean failedSince = false;
        if (sentAs != null) {
            Optional<Attempt> attempt =
                    attempts.find(handle, result.id().conversation().tenant(), result.token());
            attempt.ifPresent(it -> attempts.bind(handle, it, sentAs));
            failedSince = attempt.filter(Attempt::failed).isPresent();
        }
        Instant now = sql.now(handle);
        outbox.write(handle, row, decided(row, verdict, failedSince, now), row.provider(), now);
    }

    private boolean isAnothers(Handle handle, Row row, Result found) {
        String providerId = Objects.requireNonNull(found.providerId());
        return attempts.find(handle, row.id().conversation().tenant(), row.channel(), providerId)
                .filter(owner -> !owner.token().equals(row.token()))
                .isPresent();
    }

    private static Row decided(Row row, Result verdict, boolean failedSince, Instant now) {
        // Sent is the truth, even where look-ups found nothing and the message was queued again, suppressed or given
        // up; but what the provider said later, that it failed, is the truth of today.
        boolean sentAfterAll = verdict.verdict().equals("SENT") && row.state() != OutboxState.SENT && !failedSince;
        if (row.state() != OutboxState.DISPATCHING && row.state() != OutboxState.UNKNOWN && !sentAfterAll) {
            // A callback was faster. All that is left to learn is what the provider calls the message.
            return row.providerId() == null && row.state() != OutboxState.QUEUED
                    ? row.knownAs(verdict.providerId())
                    : row;
        }
        String reason = String.valueOf(verdict.reason());
        return switch (verdict.verdict()) {
            case "SENT" -> row.sent(Math.max(row.rank(), 1), verdict.providerId());
            case "AGAIN" -> row.again(now.plus(verdict.delay()), reason, verdict.counts());
            case "DEAD" -> row.failed(reason, now);
            case "NOT_FOUND" ->
                row.unknown(
                        now.plus(verdict.delay()),
                        reason,
                        verdict.lookUp() == row.lookUps() + 1 ? verdict.lookUp() : row.lookUps());
            case "UNCLEAR" -> row.unknown(now.plus(verdict.delay()), reason, row.lookUps());
            default -> row.unknown(now.plus(verdict.delay()), reason, 0);
        };
    }

    @Override
    int expireLeases(int limit) {
        return transactions.inTransaction(handle -> {
            Instant now = sql.now(handle);
            int expired = 0;
            for (MessageId id : find(handle, FIND_DUE, OutboxState.DISPATCHING, limit, now)) {
                Optional<Row> row = lockDue(handle, id, OutboxState.DISPATCHING, now);
                if (row.isPresent()) {
                    outbox.write(
                            handle,
                            row.get(),
                            row.get().unknown(now, LEASE_OVER, row.get().lookUps()),
                            new Actor.Clock(),
                            now);
                    expired++;
                }
            }
            return expired;
        });
    }

    @Override
    List<UnresolvedAttempt> claimUnresolved(int limit, Duration lease) {
        return transactions.inTransaction(handle -> {
            Instant now = sql.now(handle);
            List<UnresolvedAttempt> claimed = new ArrayList<>();
            for (MessageId id : find(handle, FIND_DUE, OutboxState.UNKNOWN, limit, now)) {
                Optional<Row> row = lockDue(handle, id, OutboxState.UNKNOWN, now);
                if (row.isPresent()) {
                    outbox.write(handle, row.get(), row.get().dueAt(now.plus(lease)), new Actor.Clock(), now);
                    claimed.add(unresolved(handle, id));
                }
            }
            return claimed;
        });
    }

    private UnresolvedAttempt unresolved(Handle handle, MessageId id) {
        return sql.bind(sql.query(handle, READ), OutboxRows.KEY, id)
                .map((row, context) -> {
                    var message = attempt(row, Columns.uuid(row, "token"), row.getInt("attempt"));
                    return new UnresolvedAttempt(message, row.getInt("look_ups"), boundElsewhere(handle, message));
                })
                .one();
    }

    private Optional<Row> lockDue(Handle handle, MessageId id, OutboxState state, Instant now) {
        return outbox.lockIfFree(handle, id)
                .filter(it -> it.state() == state && !it.due().isAfter(now));
    }

    private List<MessageId> find(Handle handle, String query, OutboxState state, int limit, Instant now) {
        var statement = Sql.time(sql.query(handle, query, limit), "now", now);
        return Sql.text(statement, "state", state.name())
                .map((row, context) -> MessageRows.id(row))
                .list();
    }
}
