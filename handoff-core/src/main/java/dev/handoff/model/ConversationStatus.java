package dev.handoff.model;

/** Where a conversation stands. {@link #PENDING}, {@link #PROGRESS} and {@link #HUMAN_HANDOFF} are open; the others are ends. */
public enum ConversationStatus {
    /** Opened by the host before the customer has written. */
    PENDING,
    /** The bot is in control. */
    PROGRESS,
    /** A human is in control, or is being waited for: see {@link HandoffPhase}. */
    HUMAN_HANDOFF,
    /** Finished by an agent. */
    AGENT_CLOSED,
    /** Finished by the customer: only a command of the host or the bot brings this about. */
    USER_CLOSED,
    /** The customer was silent for too long. */
    EXPIRED,
    /** Given up: only a command of the host or the bot brings this about. */
    FAILED;

    /** Whether the conversation can still change. */
    public boolean isOpen() {
        return this == PENDING || this == PROGRESS || this == HUMAN_HANDOFF;
    }
}
