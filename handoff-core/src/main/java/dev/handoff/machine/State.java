package dev.handoff.machine;

import dev.handoff.model.Conversation;
import dev.handoff.model.HandoffPhase;

/** The states of the machine: {@code ConversationStatus}, with the two phases of HUMAN_HANDOFF told apart. */
public enum State {
    PENDING,
    PROGRESS,
    WAITING_AGENT,
    ASSIGNED,
    AGENT_CLOSED,
    USER_CLOSED,
    EXPIRED,
    FAILED;

    /** The state of a conversation. */
    public static State of(Conversation conversation) {
        return switch (conversation.status()) {
            case PENDING -> PENDING;
            case PROGRESS -> PROGRESS;
            case HUMAN_HANDOFF -> conversation.phase() == HandoffPhase.ASSIGNED ? ASSIGNED : WAITING_AGENT;
            case AGENT_CLOSED -> AGENT_CLOSED;
            case USER_CLOSED -> USER_CLOSED;
            case EXPIRED -> EXPIRED;
            case FAILED -> FAILED;
        };
    }

    /** Whether the conversation has ended. */
    public boolean isEnd() {
        return compareTo(ASSIGNED) > 0;
    }
}
