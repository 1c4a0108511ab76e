package dev.handoff.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The moment at which a state must be left, and what is to be said before it.
 *
 * @param kind what has run out then
 * @param at the moment itself
 * @param warnAt when a warning is due; null when it was given, or none is wanted
 * @param windowWarnAt when people are to be warned that the channel's session window closes; null when they were, or it
 *     has none, or no human has to do with the conversation
 */
public record Deadline(
        Kind kind,
        Instant at,
        @Nullable Instant warnAt,
        @Nullable Instant windowWarnAt) {

    /** Without a session window to warn of. */
    public Deadline(Kind kind, Instant at, @Nullable Instant warnAt) {
        this(kind, at, warnAt, null);
    }

    /** What runs out. */
    public enum Kind {
        /** The customer has not written for too long. */
        CUSTOMER_SILENT,
        /** Nobody took the waiting conversation. */
        WAITING,
        /** The agent who holds the conversation has not acted. */
        AGENT_SILENT
    }

    /** When the sweeper has something to do: a warning, or else the deadline itself. */
    public Instant dueAt() {
        Instant own = warnAt != null ? warnAt : at;
        return windowWarnAt != null && windowWarnAt.isBefore(own) ? windowWarnAt : own;
    }

    /** This deadline, with its warning given. */
    public Deadline warned() {
        return new Deadline(kind, at, null, windowWarnAt);
    }

    /** This deadline, with this time for the warning of the session window. */
    public Deadline windowWarnedAt(@Nullable Instant time) {
        return new Deadline(kind, at, warnAt, time);
    }
}
