package dev.handoff.jdbi;

import java.time.Duration;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/** Where work runs: in transactions of the store's own, or inside one that the host has open. */
interface Transactions {

    /** How long work waits for a row's lock where many callers wait for that work: an ordinary commit is over by then. */
    Duration BRIEFLY = Duration.ofMillis(100);

    /** How long such work waits for the next lock, when it has waited {@link #BRIEFLY} for one in vain. */
    Duration HARDLY = Duration.ofMillis(10);

    /**
     * Runs work in one transaction, again when a race was lost, until the attempts are used up.
     *
     * @throws dev.handoff.store.StoreUnavailableException then, and when the database does not answer
     */
    <T> T inTransaction(Function<Handle, T> work);

    /**
     * Runs work in one transaction, once, and waits no longer than this for any lock. H2 waits as long as its connection
     * is set to: the setting is the session's, and cannot be lent to one transaction. (For its turn to write to an H2 file
     * work waits as long as the host has set for locks.) The host's transaction waits as
     * long as the host has chosen, and is told of a lost race as by {@link #inTransaction}, for it must roll back.
     *
     * @param lockTimeout counts no further than the lock time-out that the host has set
     * @throws Failures.LostRace when a race was lost; everything is rolled back then
     */
    <T> T tryInTransaction(Duration lockTimeout, Function<Handle, T> work);

    /**
     * Runs statements that wait for no locks, each a transaction of its own; again when a race was lost. On H2 only what
     * reads: what writes to a file takes its turn, by a transaction.
     */
    <T> T autocommit(Function<Handle, T> statement);
}
