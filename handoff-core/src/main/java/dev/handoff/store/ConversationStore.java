package dev.handoff.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Keeps conversations. All that one command changes is one {@link ChangeSet}, committed in one transaction if the
 * conversation is still at the version that the decision rested on. Thread-safe, and safe for any number of processes
 * on one database.
 *
 * <p>Every method may throw {@link StoreUnavailableException}: nothing is known then of whether the change was kept, and
 * the same change set may be submitted again.
 */
public interface ConversationStore extends Outbox, Feed, History, Roster {

    /**
     * Checks that the store can be used, and touches nothing else.
     *
     * @throws SchemaException when tables or columns are missing, with their names and what to do
     */
    void verify();

    /** The store's time: the one clock for decisions, deadlines and leases. Truncated to microseconds. */
    Instant now();

    /** Reads what decisions rest on, one snapshot for each lookup, in their order. */
    List<Snapshot> snapshots(List<Lookup> lookups);

    /**
     * Commits change sets in as few transactions as it can, and answers each in their order. They concern different
     * conversations, addresses and once-keys; the caller sees to that. One that cannot be committed does not stop its
     * neighbours.
     *
     * <p>A change set that was committed before, under the same once-key, is answered {@link CommitResult.AlreadyDone}
     * and changes nothing.
     *
     * <p>Does not wait for locks that others hold for long, since many callers wait for its end: what needs such a lock
     * is answered {@link CommitResult.Busy}.
     */
    List<CommitResult> commit(List<ChangeSet> changes);

    /**
     * Commits one change set, and waits for its locks as long as the store's lock time-out allows.
     *
     * @return anything but {@link CommitResult.Busy}
     */
    CommitResult commitPatiently(ChangeSet change);

    /**
     * Finds conversations whose deadline or its warning is due, and lets {@code decide} say what becomes of each, in the
     * transaction that holds its lock. No conversation is handed out to two callers at once. When {@code decide} throws,
     * that conversation is left as it is and its turn comes again later; the others go on.
     *
     * @param limit how many at most
     * @param decide pure: it may run again. Empty leaves the conversation as it is
     * @return what was committed
     */
    List<ChangeSet> sweep(int limit, Function<Snapshot, Optional<ChangeSet>> decide);

    /**
     * Claims conversations in which the bot owes an answer and no other claim is alive. A claim counts as an attempt; it
     * ends by {@link BotLease} in a change set, by a change of control, or when its lease runs out.
     */
    List<BotWork> claimBotTurns(int limit, Duration lease);

    /** Prolongs claims that are still alive; those that are not are left alone. */
    void renewBotTurns(Collection<BotWork> turns, Duration lease);

    /** Forgets the results of commands that are older than this; inbound messages are never forgotten. */
    void forgetCommandsOlderThan(Duration age);
}
