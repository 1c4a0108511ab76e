package dev.handoff.jdbi;

import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/** Where work runs: in transactions of the store's own, or inside one that the host has open. */
interface Transactions {

    /**
     * Runs work in one transaction, again when a race was lost, until the attempts are used up.
     *
     * @throws dev.handoff.store.StoreUnavailableException then, and when the database does not answer
     */
    <T> T inTransaction(Function<Handle, T> work);

    /**
     * Runs work in one transaction, once.
     *
     * @throws Failures.LostRace when a race was lost; everything is rolled back then
     */
    <T> T tryInTransaction(Function<Handle, T> work);

    /** Runs one statement that is a transaction of its own, again when a race was lost. */
    <T> T autocommit(Function<Handle, T> statement);
}
