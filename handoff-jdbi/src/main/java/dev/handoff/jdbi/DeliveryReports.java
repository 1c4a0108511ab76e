package dev.handoff.jdbi;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.jdbi.Attempts.Attempt;
import dev.handoff.jdbi.OutboxRows.Row;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What providers report, in any order and repeated. A report names an attempt; what it proves, it proves of the message:
 * an attempt that was sent settles the message even when it is not the latest, but one that failed says nothing of the
 * attempts after it. The outbox row is locked first, so that reports and results on one message come one after another.
 */
final class DeliveryReports {
    private final Transactions transactions;
    private final Sql sql;
    private final Attempts attempts;
    private final OutboxRows outbox;

    DeliveryReports(Transactions transactions, Sql sql) {
        this.transactions = transactions;
        this.sql = sql;
        this.attempts = new Attempts(sql);
        this.outbox = new OutboxRows(sql);
    }

    boolean record(DeliveryUpdate update) {
        try {
            return transactions.inTransaction(handle -> record(handle, update));
        } catch (RuntimeException failure) {
            if (!Failures.isDuplicate(failure)) {
                throw failure;
            }
            // Another attempt has bound this provider's id at the same moment; now it can be seen.
            return transactions.inTransaction(handle -> record(handle, update));
        }
    }

    private boolean record(Handle handle, DeliveryUpdate update) {
        Optional<Attempt> named = find(handle, update);
        Optional<Row> locked = named.flatMap(attempt -> outbox.lock(handle, attempt.id()));
        if (named.isEmpty() || locked.isEmpty()) {
            return false;
        }
        // Read again under the row's lock: a report on the same attempt may just have been committed.
        Attempt attempt =
                attempts.find(handle, update.tenant(), named.get().token()).orElseThrow();
        String knownAs = attempts.bind(handle, attempt, update.providerMessageId());
        Row row = locked.get();
        Instant now = sql.now(handle);
        Row next = update.status() == DeliveryStatus.FAILED
                ? failed(handle, attempt, row, knownAs, update.error(), now)
                : came(attempt, row, knownAs, update.status());
        outbox.write(handle, row, next, row.provider(), now);
        return true;
    }

    private Optional<Attempt> find(Handle handle, DeliveryUpdate update) {
        Optional<Attempt> byToken = update.attemptToken() == null
                ? Optional.empty()
                : attempts.find(handle, update.tenant(), update.attemptToken());
        return byToken.isPresent()
                ? byToken
                : attempts.find(handle, update.tenant(), update.channel(), update.providerMessageId());
    }

    private Row failed(
            Handle handle, Attempt attempt, Row row, @Nullable String knownAs, @Nullable String error, Instant now) {
        if (attempt.failed()) {
            return row;
        }
        attempts.fail(handle, attempt);
        // A later report of what an operator has dropped is nothing new to decide on.
        boolean dropped = row.state() == OutboxState.FAILED && row.failedAt() == null;
        if (dropped || !attempt.token().equals(row.token())) {
            return row;
        }
        Row known = row.providerId() == null ? row.knownAs(knownAs) : row;
        return row.wasDelivered() || row.state() == OutboxState.SUPPRESSED
                ? known.withError(error)
                : known.failed(error, now);
    }

    private static Row came(Attempt attempt, Row row, @Nullable String knownAs, DeliveryStatus status) {
        if (attempt.failed() && status.rank() < DeliveryStatus.DELIVERED.rank()) {
            return row;
        }
        boolean settled = row.state() == OutboxState.SENT;
        return row.sent(
                Math.max(row.rank(), status.rank()), settled && row.providerId() != null ? row.providerId() : knownAs);
    }
}
