package dev.handoff.jdbi;

import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.Snapshot;
import dev.handoff.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds conversations whose deadline is due, and decides and writes in the transaction that holds their locks: SKIP LOCKED
 * keeps other nodes away, and a message that has just moved the deadline is seen, since the row is read under its lock. A
 * process that dies in between gives the locks back, and the rows are still due.
 */
final class DeadlineSweep {
    private static final Logger log = LoggerFactory.getLogger(DeadlineSweep.class);

    /** How long a conversation that could not be decided lets others go first. */
    private static final Duration AGAIN_AFTER = Duration.ofSeconds(30);

    /** How long one lets others go first that needs a lock which somebody else holds. */
    private static final Duration AGAIN_AFTER_LOCK = Duration.ofSeconds(2);

    private static final String CLAIM = "SELECT " + ConversationRows.COLUMNS + """
            FROM ${p}conversation c
            WHERE c.due_at IS NOT NULL AND c.due_at <= ${now}
            ORDER BY c.due_at
            LIMIT ${limit}
            FOR ${lock} SKIP LOCKED
            """;
    private static final String CLAIM_POSTGRES =
            CLAIM.replace("${now}", "(SELECT clock_timestamp())").replace("${lock}", "NO KEY UPDATE OF c");
    private static final String FIND_H2 = "SELECT " + ConversationRows.COLUMNS + """
            FROM ${p}conversation c
            WHERE c.due_at <= :now
            ORDER BY c.due_at
            LIMIT ${limit}
            """;

    private static final String CLAIM_ONE = "SELECT " + ConversationRows.COLUMNS + """
            FROM ${p}conversation c
            WHERE c.tenant = :tenant AND c.id = :id AND c.due_at <= ${now}
            FOR ${lock} SKIP LOCKED
            """;
    private static final String CLAIM_ONE_POSTGRES =
            CLAIM_ONE.replace("${now}", "(SELECT clock_timestamp())").replace("${lock}", "NO KEY UPDATE");
    private static final String CLAIM_ONE_H2 =
            CLAIM_ONE.replace("${now}", ":now").replace("${lock}", "UPDATE");

    private static final String POSTPONE =
            "UPDATE ${p}conversation SET due_at = :due WHERE tenant = :tenant AND id = :id AND due_at IS NOT NULL";

    /** Something went wrong in a batch; its conversations are taken one by one. */
    private static final class OneByOne extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OneByOne(Throwable cause) {
            super(cause);
        }
    }

    private final Transactions transactions;
    private final Sql sql;
    private final GroupCommit commits;

    DeadlineSweep(Transactions transactions, Sql sql, GroupCommit commits) {
        this.transactions = transactions;
        this.sql = sql;
        this.commits = commits;
    }

    List<ChangeSet> sweep(int limit, Function<Snapshot, Optional<ChangeSet>> decide) {
        List<ConversationId> claimed = new ArrayList<>();
        try {
            return transactions.tryInTransaction(
                    Transactions.BRIEFLY, handle -> together(handle, limit, decide, claimed));
        } catch (OneByOne | GroupCommit.Refused | Failures.LostRace trouble) {
            return oneByOne(claimed, decide);
        }
    }

    private List<ChangeSet> together(
            Handle handle, int limit, Function<Snapshot, Optional<ChangeSet>> decide, List<ConversationId> claimed) {
        List<Conversation> due = claim(handle, limit);
        claimed.clear();
        due.forEach(conversation -> claimed.add(conversation.id()));
        if (due.isEmpty()) {
            return List.of();
        }
        // Read after the locks: what was decided by others before is in the past.
        Instant now = sql.now(handle);
        List<ChangeSet> changes = new ArrayList<>();
        for (Conversation conversation : due) {
            try {
                decide.apply(new Snapshot(conversation, null, null, now)).ifPresent(changes::add);
            } catch (RuntimeException failure) {
                throw new OneByOne(failure);
            }
        }
        try {
            write(handle, changes);
        } catch (GroupCommit.Refused refused) {
            throw refused;
        } catch (RuntimeException failure) {
            if (Failures.kindOf(failure) != Failures.Kind.FINAL) {
                throw failure;
            }
            throw new OneByOne(failure);
        }
        return changes;
    }

    private List<Conversation> claim(Handle handle, int limit) {
        if (sql.isPostgres()) {
            return sql.query(handle, CLAIM_POSTGRES, limit)
                    .map((row, context) -> ConversationRows.read(row))
                    .list();
        }
        List<ConversationId> due = Sql.time(sql.query(handle, FIND_H2, limit), "now", sql.processNow())
                .map((row, context) -> new ConversationId(Columns.text(row, "tenant"), Columns.uuid(row, "id")))
                .list();
        List<Conversation> claimed = new ArrayList<>();
        due.forEach(id -> claimOne(handle, id).ifPresent(claimed::add));
        return claimed;
    }

    private Optional<Conversation> claimOne(Handle handle, ConversationId id) {
        var query = sql.query(handle, sql.either(CLAIM_ONE_POSTGRES, CLAIM_ONE_H2));
        sql.bind(query, CommitSteps.CONVERSATION, id);
        return Sql.time(query, "now", sql.processNow())
                .map((row, context) -> ConversationRows.read(row))
                .findOne();
    }

    private void write(Handle handle, List<ChangeSet> changes) {
        Map<ChangeSet, CommitResult> results = new IdentityHashMap<>();
        commits.write(handle, changes, List.of(), results);
        for (ChangeSet change : changes) {
            if (!(results.get(change) instanceof CommitResult.Committed)) {
                // The row is locked and was just read, so only a change set of another version can come to this.
                throw new IllegalStateException("the sweep's change set " + change.id() + " of "
                        + change.next().id() + " does not follow from what it was given");
            }
        }
    }

    /** One whose agent's row is locked, say, keeps none of the others waiting. */
    private List<ChangeSet> oneByOne(List<ConversationId> claimed, Function<Snapshot, Optional<ChangeSet>> decide) {
        List<ChangeSet> committed = new ArrayList<>();
        Duration patience = Transactions.BRIEFLY;
        for (ConversationId id : claimed) {
            try {
                alone(id, decide, patience).ifPresent(committed::add);
            } catch (StoreUnavailableException unavailable) {
                throw unavailable;
            } catch (Failures.LostRace locked) {
                log.info("The deadline of {} waits for what somebody else has locked: {}", id, Failures.reason(locked));
                patience = Transactions.HARDLY;
                postpone(id, AGAIN_AFTER_LOCK);
            } catch (RuntimeException failure) {
                log.warn("The deadline of {} was not acted on, and is tried again later", id, failure);
                postpone(id, AGAIN_AFTER);
            }
        }
        return List.copyOf(committed);
    }

    private Optional<ChangeSet> alone(
            ConversationId id, Function<Snapshot, Optional<ChangeSet>> decide, Duration patience) {
        return transactions.tryInTransaction(
                patience,
                handle -> claimOne(handle, id).flatMap(conversation -> {
                    Optional<ChangeSet> change = decide.apply(new Snapshot(conversation, null, null, sql.now(handle)));
                    change.ifPresent(it -> write(handle, List.of(it)));
                    return change;
                }));
    }

    /** The deadline itself stays as it is; only the sweeper's attention moves, so that the next commit brings it back. */
    private void postpone(ConversationId id, Duration by) {
        try {
            transactions.tryInTransaction(Transactions.HARDLY, handle -> {
                var update = sql.bind(sql.update(handle, POSTPONE), CommitSteps.CONVERSATION, id);
                return Sql.time(update, "due", sql.now(handle).plus(by)).execute();
            });
        } catch (Failures.LostRace locked) {
            log.debug("Somebody is changing {}; its deadline is due again as they leave it", id, locked);
        }
    }
}
