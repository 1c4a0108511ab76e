package dev.handoff.jdbi;

import dev.handoff.store.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Lets one transaction of a store at a time write to an H2 file.
 *
 * <p>At each COMMIT H2 (2.3.232, 2.4.240) writes the state of the whole file, table by table and index by index, while other
 * sessions go on. The part that holds the notes how to undo changes may be written before a note is put into it, and the
 * part that is changed after the change. When the process is killed then, there is a change that nobody undoes and
 * nobody commits: a row that its index shows to some transactions and hides from others, and a customer who has two open
 * conversations in spite of the unique key. Where nobody else writes, a COMMIT writes whole transactions; but for that the
 * file must be written at COMMIT and at no other time: {@link H2Url#durable} sees to it, and no transaction of the store's is
 * so big (19 MB) that H2 writes in the middle of it.
 *
 * <p>The lock is held from before BEGIN until after COMMIT, and a process that dies gives it back. It is fair: whoever
 * comes often does not keep the others waiting.
 */
final class OneWriter {
    private final ReentrantLock turn = new ReentrantLock(true);
    private final Duration patience;

    /**
     * @param patience how long to wait for the turn
     */
    OneWriter(Duration patience) {
        this.patience = patience;
    }

    /**
     * Works when nobody else does. Reentrant.
     *
     * @throws StoreUnavailableException when the turn did not come in time; nothing was begun. It is no lost race: the next
     *     piece of work would wait as long
     */
    <T> T alone(Supplier<T> work) {
        awaitTurn();
        try {
            return work.get();
        } finally {
            turn.unlock();
        }
    }

    private void awaitTurn() {
        try {
            if (!turn.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new StoreUnavailableException(
                        "no turn to write to the H2 file came within " + patience
                                + ": some transaction has been open for that long",
                        new TimeoutException());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted before its turn to write to the H2 file", interrupted);
        }
    }
}
