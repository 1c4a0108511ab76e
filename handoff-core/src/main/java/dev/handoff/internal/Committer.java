package dev.handoff.internal;

import dev.handoff.store.ChangeSet;
import org.jspecify.annotations.Nullable;

/** Reads, decides and commits one piece of work, again after every lost race, until its caller can be answered. */
interface Committer {

    /** Returns once the work is committed or there is nothing to commit. */
    <R> Committed<R> run(Work<R> work);

    /**
     * What a caller is told, and what was committed for it.
     *
     * @param change null when nothing was
     */
    record Committed<R>(R result, @Nullable ChangeSet change) {}
}
