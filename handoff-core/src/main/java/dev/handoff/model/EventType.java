package dev.handoff.model;

import java.util.Locale;

/** What can happen. The wire form is the name in lower case. */
public enum EventType {
    CONVERSATION_OPENED,
    NEW_MESSAGE,
    HANDOFF_REQUESTED,
    AGENT_ASSIGNED,
    AGENT_TOOK_OVER,
    CONVERSATION_TRANSFERRED,
    RELEASED_TO_BOT,
    CONVERSATION_CLOSED,
    CONVERSATION_EXPIRED,
    REQUEUED,
    DEADLINE_WARNING,
    SESSION_WINDOW_WARNING,
    ESCALATED,
    BOT_FAILED,
    BOT_REPLY_SUPPRESSED,
    DELIVERY_UPDATED,
    NOTE_ADDED,
    AGENT_AVAILABILITY;

    /** The name on the wire, for example {@code agent_took_over}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
