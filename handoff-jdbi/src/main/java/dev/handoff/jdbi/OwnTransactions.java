package dev.handoff.jdbi;

import dev.handoff.store.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jspecify.annotations.Nullable;

/**
 * Transactions of the store's own: READ COMMITTED, each on a connection of its own. {@code Jdbi.open} is used on purpose;
 * {@code Jdbi.inTransaction} would silently join whatever transaction the host has open on this thread, and what is told
 * as committed would be rolled back with it.
 */
final class OwnTransactions implements Transactions {
    /** How often a transaction is begun before a lost race is told as a store that is not available. */
    private static final int ATTEMPTS = 5;

    private static final Duration LONGEST_PAUSE = Duration.ofMillis(20);

    private final Jdbi jdbi;
    private final Sql sql;
    private final @Nullable OneWriter oneWriter;
    private final Duration lockTimeout;
    private final Duration idleTimeout;

    /**
     * @param oneWriter whom to ask before anything is written; null where many may write at once
     */
    OwnTransactions(Jdbi jdbi, Sql sql, @Nullable OneWriter oneWriter, Duration lockTimeout, Duration idleTimeout) {
        this.jdbi = jdbi;
        this.sql = sql;
        this.oneWriter = oneWriter;
        this.lockTimeout = lockTimeout;
        this.idleTimeout = idleTimeout;
    }

    @Override
    public <T> T inTransaction(Function<Handle, T> work) {
        return again(() -> tryInTransaction(lockTimeout, work));
    }

    @Override
    public <T> T tryInTransaction(Duration wait, Function<Handle, T> work) {
        return oneWriter == null ? transact(wait, work) : oneWriter.alone(() -> transact(wait, work));
    }

    private <T> T transact(Duration wait, Function<Handle, T> work) {
        try (Handle handle = jdbi.open()) {
            handle.begin();
            T result;
            try {
                settle(handle, wait.compareTo(lockTimeout) < 0 ? wait : lockTimeout);
                result = work.apply(handle);
                // This decides. A process that dies before it leaves nothing behind; when the answer to it is lost, the
                // caller submits the same change set again, and finds its once-key.
                handle.commit();
            } catch (RuntimeException | Error failure) {
                rollback(handle, failure);
                throw failure;
            }
            return result;
        } catch (RuntimeException failure) {
            throw Failures.told(failure);
        }
    }

    @Override
    public <T> T autocommit(Function<Handle, T> statement) {
        return again(() -> {
            try (Handle handle = jdbi.open()) {
                if (handle.getConnection().getAutoCommit() && !mayBeCutShort(handle)) {
                    return statement.apply(handle);
                }
            } catch (SQLException failure) {
                throw Failures.told(new DatabaseException(failure));
            } catch (RuntimeException failure) {
                throw Failures.told(failure);
            }
            // That connection was given back first: a pool of one has no other.
            return tryInTransaction(lockTimeout, statement);
        });
    }

    /**
     * The driver cancels a statement that takes longer than the host's query time-out. One that commits by itself may be
     * waiting for a synchronous replica by then, and PostgreSQL answers a wait that is cancelled as a success, though a
     * failover loses what was committed. The COMMIT of a transaction has no such time-out.
     */
    private boolean mayBeCutShort(Handle handle) throws SQLException {
        if (!sql.isPostgres()) {
            return false;
        }
        if (handle.getConfig(SqlStatements.class).getQueryTimeout() != null) {
            return true;
        }
        try (var statement = handle.getConnection().createStatement()) {
            return statement.getQueryTimeout() > 0;
        }
    }

    private interface Attempt<T> {
        T run();
    }

    private static <T> T again(Attempt<T> attempt) {
        for (int failed = 1; ; failed++) {
            try {
                return attempt.run();
            } catch (Failures.LostRace lost) {
                if (failed == ATTEMPTS) {
                    throw new StoreUnavailableException(
                            "gave up after " + ATTEMPTS + " attempts that others locked out: " + Failures.reason(lost),
                            lost);
                }
                // Two that have just deadlocked should not meet again at once.
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(LONGEST_PAUSE.toNanos()));
            }
        }
    }

    private void settle(Handle handle, Duration wait) {
        if (sql.isPostgres()) {
            // One round trip, together with BEGIN. LOCAL: the host's pool gets its connection back as it was.
            Sql.execute(
                    handle,
                    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = " + wait.toMillis()
                            + "; SET LOCAL idle_in_transaction_session_timeout = " + idleTimeout.toMillis());
            return;
        }
        try {
            Connection connection = handle.getConnection();
            if (connection.getTransactionIsolation() != Connection.TRANSACTION_READ_COMMITTED) {
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            }
        } catch (SQLException failure) {
            throw new DatabaseException(failure);
        }
    }

    private static void rollback(Handle handle, Throwable failure) {
        try {
            handle.rollback();
        } catch (RuntimeException alsoFailed) {
            // The connection is gone, and the transaction with it. What went wrong first is what counts.
            failure.addSuppressed(alsoFailed);
        }
    }
}
