package dev.handoff.jdbi;

import dev.handoff.store.StoreUnavailableException;
import java.time.Duration;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * The host's transaction. Every piece of work has a savepoint, so that one that is refused half-way leaves the host's
 * transaction as it was, and usable. Settings of the host's session are left alone.
 */
final class HostHandle implements Transactions {
    private static final String SAVEPOINT = "handoff";

    private final Handle handle;

    HostHandle(Handle handle) {
        this.handle = handle;
    }

    @Override
    public <T> T inTransaction(Function<Handle, T> work) {
        try {
            return once(work);
        } catch (Failures.LostRace lost) {
            throw new StoreUnavailableException(
                    "others hold what this transaction needs; roll it back and begin again: " + Failures.reason(lost),
                    lost);
        }
    }

    @Override
    public <T> T tryInTransaction(Duration lockTimeout, Function<Handle, T> work) {
        return inTransaction(work);
    }

    private <T> T once(Function<Handle, T> work) {
        if (!handle.isInTransaction()) {
            throw new IllegalStateException("the host's transaction is over; join the next one anew");
        }
        handle.savepoint(SAVEPOINT);
        T result;
        try {
            result = work.apply(handle);
        } catch (RuntimeException failure) {
            undo(failure);
            throw Failures.told(failure);
        } catch (Error failure) {
            undo(failure);
            throw failure;
        }
        handle.releaseSavepoint(SAVEPOINT);
        return result;
    }

    private void undo(Throwable failure) {
        try {
            handle.rollbackToSavepoint(SAVEPOINT);
        } catch (RuntimeException alsoFailed) {
            // H2 has undone the whole transaction after a deadlock, and a broken connection has none.
            failure.addSuppressed(alsoFailed);
        }
    }

    @Override
    public <T> T autocommit(Function<Handle, T> statement) {
        return inTransaction(statement);
    }
}
