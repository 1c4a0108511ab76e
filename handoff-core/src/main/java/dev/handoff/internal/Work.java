package dev.handoff.internal;

import dev.handoff.model.MessageId;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.Lookup;
import dev.handoff.store.Prior;
import dev.handoff.store.Snapshot;
import java.util.List;

/** One command on its way: what it reads, what it decides, and what its caller is told. */
interface Work<R> {

    /** Which conversation, and under which once-key. */
    Lookup lookup();

    /** Decides on a fresh snapshot in which the once-key is unknown. Runs again after a lost race: no side effects. */
    Step<R> decide(Snapshot snapshot);

    /** What the caller is told after the commit. */
    R committed(ChangeSet change, List<MessageId> inFlight);

    /** What the caller is told when the once-key was known already. */
    R alreadyDone(Prior prior, Snapshot snapshot);

    /** What the caller is told when an agent's capacity is reached. */
    R capacityReached(CommitResult.CapacityReached reached, Snapshot snapshot);

    /** What a decision comes to. */
    sealed interface Step<R> {
        /** This is to be committed. */
        record Commit<R>(ChangeSet change) implements Step<R> {}

        /** There is nothing to commit. */
        record Finish<R>(R result) implements Step<R> {}
    }
}
