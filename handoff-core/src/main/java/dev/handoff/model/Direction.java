package dev.handoff.model;

/** Which way a message goes. */
public enum Direction {
    /** From the customer to us. */
    INBOUND,
    /** From us to the customer. */
    OUTBOUND,
    /** An agent's note: never sent. */
    INTERNAL
}
