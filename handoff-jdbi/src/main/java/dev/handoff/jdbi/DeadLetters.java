package dev.handoff.jdbi;

import dev.handoff.jdbi.OutboxRows.Row;
import dev.handoff.model.Actor;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.Outbox.RetryDecision;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Messages that failed for good, unless an operator says otherwise. */
final class DeadLetters {
    private static final String LATEST = "SELECT " + MessageRows.COLUMNS + """
            FROM ${p}outbox o
            JOIN ${p}message m ON m.tenant = o.tenant AND m.conversation = o.conversation AND m.seq = o.seq
            WHERE o.tenant = :tenant AND o.state = 'FAILED' AND o.failed_at IS NOT NULL
            ORDER BY o.failed_at DESC
            LIMIT ${limit}
            """;

    private static final String LOCK_CONVERSATION =
            "SELECT c.epoch FROM ${p}conversation c WHERE c.tenant = :tenant AND c.id = :id FOR ${lock}";
    private static final String LOCK_POSTGRES = LOCK_CONVERSATION.replace("${lock}", "NO KEY UPDATE");
    private static final String LOCK_H2 = LOCK_CONVERSATION.replace("${lock}", "UPDATE");

    private final Transactions transactions;
    private final Sql sql;
    private final OutboxRows outbox;
    private final HistoryReader history;

    DeadLetters(Transactions transactions, Sql sql) {
        this.transactions = transactions;
        this.sql = sql;
        this.outbox = new OutboxRows(sql);
        this.history = new HistoryReader(sql);
    }

    List<Message> latest(Handle handle, String tenant, int limit) {
        return Sql.text(sql.query(handle, LATEST, limit), "tenant", tenant)
                .map((row, context) -> MessageRows.read(row))
                .list();
    }

    boolean drop(MessageId id, Actor actor) {
        return transactions.inTransaction(handle -> {
            Optional<Row> dead =
                    outbox.lock(handle, id).filter(row -> row.state() == OutboxState.FAILED && row.failedAt() != null);
            dead.ifPresent(row -> outbox.writeAndTell(handle, row.dropped(), actor, sql.now(handle)));
            return dead.isPresent();
        });
    }

    RetryDecision retry(MessageId id, Actor actor) {
        return transactions.inTransaction(handle -> retry(handle, id, actor));
    }

    /**
     * The conversation's lock comes first. A change of control fences the open rows alone; this one is not open, so it is
     * the epoch, which cannot move while the lock is held, that says whether a bot may still speak.
     */
    private RetryDecision retry(Handle handle, MessageId id, Actor actor) {
        Optional<Long> epoch = sql.bind(
                        sql.query(handle, sql.either(LOCK_POSTGRES, LOCK_H2)),
                        CommitSteps.CONVERSATION,
                        id.conversation())
                .map((row, context) -> row.getLong("epoch"))
                .findOne();
        Optional<Row> found = outbox.lockWithOpen(handle, id);
        if (epoch.isEmpty() || found.isEmpty()) {
            return history.message(handle, id).isPresent() ? RetryDecision.NOT_DEAD : RetryDecision.NOT_FOUND;
        }
        Row row = found.get();
        if (row.state() != OutboxState.FAILED) {
            return RetryDecision.NOT_DEAD;
        }
        boolean bots = row.owner().equals(MessageOwner.BOT.name());
        if (bots && (row.fenced() || row.epoch() != epoch.get())) {
            return RetryDecision.SUPPRESSED;
        }
        var now = sql.now(handle);
        outbox.write(handle, row, row.queuedAnew(now), actor, now);
        return RetryDecision.QUEUED;
    }
}
