package dev.handoff.store;

/** Whether a sender's provider can be reached. */
public enum SenderHealth {
    /** Nothing is known to the contrary. */
    WELL,
    /** The latest sends failed for reasons that have nothing to do with what was sent. */
    TROUBLED,
    /**
     * Sends have failed so, five or more in a row over five seconds or more: one tries at a time, after 5 seconds, then ever more
     * rarely, up to a minute apart. What certainly was not sent because of it counts as no attempt; what was perhaps sent does.
     */
    UNREACHABLE
}
