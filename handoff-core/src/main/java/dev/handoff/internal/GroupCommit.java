package dev.handoff.internal;

import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.OnceKey;
import dev.handoff.store.Snapshot;
import dev.handoff.store.StoreUnavailableException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits many callers' work in few transactions. While one commit runs, work that arrives gathers; the next commit
 * takes all of it, up to a limit. There is no timer and no thread of its own: the first caller leads, commits what is
 * there until its own work is done, and hands the lead to the next who waits. An idle library adds no delay. Nobody
 * waits for a lock while others wait for them: work that needs one which is held elsewhere goes on alone.
 *
 * <p>The lock guards the queue and the lead, and is never held while the store works. If the leading thread dies of an
 * error, its group is told so and the lead goes on. If the process dies, nobody has been answered whose commit had not
 * happened.
 */
final class GroupCommit implements Committer {
    private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);
    private static final int MOST = 32;
    private static final int MOST_ROUNDS = 1000;

    private final ConversationStore store;
    private final Waiting waits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Pending<?>> waiting = new ArrayDeque<>();
    private boolean led;

    GroupCommit(ConversationStore store, Waiting waits) {
        this.store = store;
        this.waits = waits;
    }

    /**
     * A commit whose answer was lost may have happened. Deciding once more is safe, since the once-key is looked up
     * first, and it spares the caller the loss of one connection. A store that fails twice is down.
     */
    @Override
    public <R> Committed<R> run(Work<R> work) {
        // An interrupt is the caller's business: it must not break the connection or the file on which the leader
        // commits for others.
        boolean interrupted = Thread.interrupted();
        try {
            return runOnce(work);
        } catch (StoreUnavailableException once) {
            log.info("the store did not answer on {}; trying once more: {}", work.lookup(), once.getMessage());
            return runOnce(work);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private <R> Committed<R> runOnce(Work<R> work) {
        Pending<R> mine = new Pending<>(work, waits);
        boolean lead;
        lock.lock();
        try {
            waiting.addLast(mine);
            lead = !led;
            led = true;
        } finally {
            lock.unlock();
        }
        if (lead || mine.awaitAnswerOrLead()) {
            lead(mine);
        }
        // What somebody else holds locked is waited for here, by its own caller, while others lead.
        return mine.isBusy() ? runAlone(store, work) : mine.answer();
    }

    private void lead(Pending<?> mine) {
        try {
            while (!mine.isAnswered() && !mine.isBusy()) {
                commit(takeGroup());
            }
        } finally {
            passTheLead();
        }
    }

    private List<Pending<?>> takeGroup() {
        List<Pending<?>> group = new ArrayList<>();
        lock.lock();
        try {
            while (group.size() < MOST && !waiting.isEmpty()) {
                group.add(waiting.removeFirst());
            }
        } finally {
            lock.unlock();
        }
        return group;
    }

    private void passTheLead() {
        lock.lock();
        try {
            Pending<?> next = waiting.peekFirst();
            led = next != null;
            if (next != null) {
                next.lead();
            }
        } finally {
            lock.unlock();
        }
    }

    private void putBack(List<Pending<?>> again) {
        lock.lock();
        try {
            for (int i = again.size() - 1; i >= 0; i--) {
                waiting.addFirst(again.get(i));
            }
        } finally {
            lock.unlock();
        }
    }

    private void commit(List<Pending<?>> group) {
        try {
            List<Pending<?>> again = commitOnce(store, group, store::commit);
            putBack(again);
        } catch (StoreUnavailableException | Error down) {
            group.forEach(pending -> pending.fail(down));
        } catch (RuntimeException failure) {
            if (group.size() == 1) {
                group.get(0).fail(failure);
            } else {
                // One of them is to blame, and nobody can say which: each goes alone, and what was kept is known by its
                // once-key.
                log.warn("a group of {} could not be committed; each goes alone", group.size(), failure);
                group.stream()
                        .filter(pending -> !pending.isAnswered() && !pending.isBusy())
                        .forEach(pending -> commit(List.of(pending)));
            }
        }
    }

    /** Without a group, for a transaction of the host, which knows nothing of other callers. */
    static Committer alone(ConversationStore joined) {
        return new Committer() {
            @Override
            public <R> Committed<R> run(Work<R> work) {
                return runAlone(joined, work);
            }
        };
    }

    private static <R> Committed<R> runAlone(ConversationStore store, Work<R> work) {
        Pending<R> mine = new Pending<>(work, Waiting.IN_A_PROCESS);
        while (!mine.isAnswered()) {
            commitOnce(store, List.of(mine), changes -> List.of(store.commitPatiently(changes.get(0))));
        }
        return mine.answer();
    }

    /** Returns what must be decided again: it lost a race, or shares a key with a neighbour of this group. */
    private static List<Pending<?>> commitOnce(
            ConversationStore store, List<Pending<?>> group, Function<List<ChangeSet>, List<CommitResult>> commit) {
        List<Snapshot> snapshots = store.snapshots(
                group.stream().map(pending -> pending.work.lookup()).toList());
        List<Pending<?>> again = new ArrayList<>();
        List<Pending<?>> committing = new ArrayList<>();
        List<ChangeSet> changes = new ArrayList<>();
        List<Snapshot> rests = new ArrayList<>();
        Keys keys = new Keys();
        for (int i = 0; i < group.size(); i++) {
            Pending<?> pending = group.get(i);
            Snapshot snapshot = snapshots.get(i);
            ChangeSet change = pending.decide(snapshot);
            if (change == null) {
                continue;
            }
            if (keys.claim(change)) {
                committing.add(pending);
                changes.add(change);
                rests.add(snapshot);
            } else {
                again.add(pending);
            }
        }
        List<CommitResult> results = changes.isEmpty() ? List.of() : commit.apply(changes);
        for (int i = 0; i < results.size(); i++) {
            if (!committing.get(i).take(changes.get(i), results.get(i), rests.get(i))) {
                again.add(committing.get(i));
            }
        }
        return again;
    }

    /** A group holds at most one change set for a conversation, an address and a once-key. */
    private static final class Keys {
        private final Set<ConversationId> conversations = new HashSet<>();
        private final Set<ConversationAddress> addresses = new HashSet<>();
        private final Set<OnceKey> onceKeys = new HashSet<>();

        boolean claim(ChangeSet change) {
            OnceKey once = change.once();
            if (conversations.contains(change.next().id())
                    || addresses.contains(change.next().address())
                    || (once != null && onceKeys.contains(once))) {
                return false;
            }
            conversations.add(change.next().id());
            addresses.add(change.next().address());
            if (once != null) {
                onceKeys.add(once);
            }
            return true;
        }
    }

    private static final class Pending<R> {
        private final Work<R> work;
        private final Waiting waits;
        private final Thread caller = Thread.currentThread();
        private int rounds;
        private volatile boolean leading;
        private volatile boolean busy;
        private volatile @Nullable Committed<R> committed;
        private volatile @Nullable Throwable failure;

        Pending(Work<R> work, Waiting waits) {
            this.work = work;
            this.waits = waits;
        }

        boolean isAnswered() {
            return committed != null || failure != null;
        }

        /** Whether the caller is to go alone. */
        boolean isBusy() {
            return busy;
        }

        /** Returns true when this caller is to lead. The interrupt is kept for the caller: the work is not lost by it. */
        boolean awaitAnswerOrLead() {
            boolean interrupted = false;
            while (!isAnswered() && !leading && !busy) {
                waits.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                caller.interrupt();
            }
            return leading;
        }

        void lead() {
            leading = true;
            waits.unpark(caller);
        }

        /** What is to be committed; null when this work was answered without. */
        @Nullable
        ChangeSet decide(Snapshot snapshot) {
            try {
                rounds++;
                if (rounds > MOST_ROUNDS) {
                    throw new StoreUnavailableException(
                            "lost " + MOST_ROUNDS + " races in a row on " + work.lookup(), new IllegalStateException());
                }
                if (snapshot.prior() != null) {
                    answer(new Committed<>(work.alreadyDone(snapshot.prior(), snapshot), null));
                    return null;
                }
                Work.Step<R> step = work.decide(snapshot);
                if (step instanceof Work.Step.Commit<R> commit) {
                    return commit.change();
                }
                answer(new Committed<>(((Work.Step.Finish<R>) step).result(), null));
            } catch (RuntimeException undecidable) {
                fail(undecidable);
            }
            return null;
        }

        /** Whether this is done with here: answered, or left to its caller alone; otherwise it is decided again. */
        boolean take(ChangeSet change, CommitResult result, Snapshot snapshot) {
            if (result instanceof CommitResult.Committed done) {
                answer(new Committed<>(work.committed(change, done.inFlight()), change));
            } else if (result instanceof CommitResult.AlreadyDone done) {
                answer(new Committed<>(work.alreadyDone(done.prior(), snapshot), null));
            } else if (result instanceof CommitResult.CapacityReached reached) {
                answer(new Committed<>(work.capacityReached(reached, snapshot), null));
            } else if (result instanceof CommitResult.Busy) {
                busy = true;
                waits.unpark(caller);
            }
            return isAnswered() || busy;
        }

        void fail(Throwable cause) {
            if (!isAnswered()) {
                failure = cause;
                waits.unpark(caller);
            }
        }

        Committed<R> answer() {
            Throwable cause = failure;
            if (cause instanceof StoreUnavailableException unavailable) {
                throw new StoreUnavailableException(String.valueOf(unavailable.getMessage()), unavailable);
            } else if (cause instanceof RuntimeException runtime) {
                throw runtime;
            } else if (cause instanceof Error error) {
                throw error;
            }
            return Objects.requireNonNull(committed);
        }

        private void answer(Committed<R> answer) {
            committed = answer;
            waits.unpark(caller);
        }
    }
}
