package dev.handoff.model;

/** The two phases of {@link ConversationStatus#HUMAN_HANDOFF}. */
public enum HandoffPhase {
    /** In a queue: nobody holds the conversation yet. */
    WAITING_AGENT,
    /** One agent holds the conversation. */
    ASSIGNED
}
