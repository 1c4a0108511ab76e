package dev.handoff.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The human stretch of a conversation: set when {@link ConversationStatus#HUMAN_HANDOFF} is entered, cleared when the
 * conversation is released to the bot, kept when it is closed.
 *
 * @param at when the stretch began
 * @param reason why, in a word or a sentence
 * @param summary what the agent should know before answering
 * @param queue where the conversation waits or waited
 * @param priority higher is served first; 0 is normal
 * @param agentId who holds the conversation; null while it waits
 * @param escalated whether the one escalation that the deadlines allow is spent
 */
public record HumanHandoff(
        Instant at,
        String reason,
        @Nullable String summary,
        String queue,
        int priority,
        @Nullable String agentId,
        boolean escalated) {

    /** Where conversations wait when nobody names another queue: {@value}. */
    public static final String DEFAULT_QUEUE = "default";

    /** Where escalated conversations wait: {@value}. */
    public static final String SUPERVISOR_QUEUE = "supervisor";

    /** This stretch, held by the agent. */
    public HumanHandoff heldBy(String agent) {
        return new HumanHandoff(at, reason, summary, queue, priority, agent, escalated);
    }

    /** This stretch, waiting in the queue. */
    public HumanHandoff waitingIn(String otherQueue) {
        return new HumanHandoff(at, reason, summary, otherQueue, priority, null, escalated);
    }

    /** This stretch, waiting for a supervisor, with its one escalation spent. */
    public HumanHandoff escalatedToSupervisor() {
        return new HumanHandoff(at, reason, summary, SUPERVISOR_QUEUE, priority, null, true);
    }
}
