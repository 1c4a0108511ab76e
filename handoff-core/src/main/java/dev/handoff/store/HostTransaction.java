package dev.handoff.store;

/**
 * A transaction that the host has open, for commands that are to be committed with the host's own work or not at all.
 * Confined to the thread and the scope of that transaction.
 */
public interface HostTransaction {
    /** The store inside this transaction. */
    ConversationStore store();

    /** Runs an action once the host has committed; never when it rolls back. */
    void afterCommit(Runnable action);
}
