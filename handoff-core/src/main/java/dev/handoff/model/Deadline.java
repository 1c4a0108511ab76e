package dev.handoff.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The moment at which a state must be left.
 *
 * @param kind what has run out then
 * @param at the moment itself
 * @param warnAt when a warning is due; null when it was given, or none is wanted
 */
public record Deadline(Kind kind, Instant at, @Nullable Instant warnAt) {

    /** What runs out. */
    public enum Kind {
        /** The customer has not written for too long. */
        CUSTOMER_SILENT,
        /** Nobody took the waiting conversation. */
        WAITING,
        /** The agent who holds the conversation has not acted. */
        AGENT_SILENT
    }

    /** When the sweeper has something to do: the warning, else the deadline itself. */
    public Instant dueAt() {
        return warnAt != null ? warnAt : at;
    }

    /** This deadline, with its warning given. */
    public Deadline warned() {
        return new Deadline(kind, at, null);
    }
}
