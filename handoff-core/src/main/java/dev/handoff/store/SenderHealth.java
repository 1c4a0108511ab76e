package dev.handoff.store;

/** Whether a sender's provider can be reached. */
public enum SenderHealth {
    /** Nothing is known to the contrary. */
    WELL,
    /** The latest sends failed for reasons that have nothing to do with what was sent. */
    TROUBLED,
    /** Sends have failed so for a while: one tries at a time, and what it comes to is nobody's attempt. */
    UNREACHABLE
}
