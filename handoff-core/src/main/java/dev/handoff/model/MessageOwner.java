package dev.handoff.model;

/** Who a message is from. */
public enum MessageOwner {
    /** The customer wrote it. */
    CUSTOMER,
    /** The bot said it, or thought it and was suppressed. */
    BOT,
    /** An agent wrote it. */
    AGENT,
    /** The library said it: a notice. */
    SYSTEM
}
