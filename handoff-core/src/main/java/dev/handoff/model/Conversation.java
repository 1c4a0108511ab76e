package dev.handoff.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The whole state of one conversation: all that a decision rests on. Immutable.
 *
 * @param id its name
 * @param address where it takes place
 * @param customerName what the channel says the customer is called
 * @param status where it stands
 * @param handoff the human stretch; null when there is none (see {@link HumanHandoff} for when it is kept)
 * @param handBack how the last human stretch ended; null when none has
 * @param bot what the bot has done
 * @param epoch the control epoch: 1 at first, raised each time control changes hands
 * @param version raised by every commit; what a commit compares
 * @param lastSeq the last message's place
 * @param eventSeq the last event's place
 * @param inboundSeq the place of the customer's last message; 0 before the first
 * @param lastInboundAt when the customer last wrote; channels with a session window count from it
 * @param deadline when this state must be left; never null while the conversation is open (I5), null after its end
 * @param previous the conversation that the same customer had before this one
 * @param createdAt when it was opened
 * @param updatedAt when anything last happened
 * @param closedAt when it ended; null while open
 */
public record Conversation(
        ConversationId id,
        ConversationAddress address,
        @Nullable String customerName,
        ConversationStatus status,
        @Nullable HumanHandoff handoff,
        @Nullable HandBack handBack,
        BotState bot,
        long epoch,
        long version,
        long lastSeq,
        long eventSeq,
        long inboundSeq,
        @Nullable Instant lastInboundAt,
        @Nullable Deadline deadline,
        @Nullable ConversationId previous,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Instant closedAt) {

    public Conversation {
        if (status.isOpen() == (deadline == null)) {
            throw new IllegalArgumentException(
                    "an open conversation has a deadline and an ended one has none: " + id + " " + status);
        }
        if (status == ConversationStatus.HUMAN_HANDOFF && handoff == null) {
            throw new IllegalArgumentException("a conversation in HUMAN_HANDOFF has its handoff: " + id);
        }
    }

    /** The phase of the handoff; null outside {@link ConversationStatus#HUMAN_HANDOFF}. */
    public @Nullable HandoffPhase phase() {
        if (status != ConversationStatus.HUMAN_HANDOFF || handoff == null) {
            return null;
        }
        return handoff.agentId() == null ? HandoffPhase.WAITING_AGENT : HandoffPhase.ASSIGNED;
    }

    /** Who is in control. A pending conversation is the bot's: nobody else may speak first. */
    public Holder holder() {
        return switch (status) {
            case PENDING, PROGRESS -> new Holder.Bot();
            case HUMAN_HANDOFF -> {
                String agent = agentId();
                yield agent == null ? new Holder.Queue() : new Holder.Agent(agent);
            }
            case AGENT_CLOSED, USER_CLOSED, EXPIRED, FAILED -> new Holder.Nobody();
        };
    }

    /** The agent who holds the conversation or, after its end, held it last; null when none. */
    public @Nullable String agentId() {
        return handoff == null ? null : handoff.agentId();
    }

    /** Whether this agent holds the conversation now. */
    public boolean isHeldBy(String agentId) {
        return holder() instanceof Holder.Agent agent && agent.agentId().equals(agentId);
    }

    /** Whether the customer waits for the bot's answer. */
    public boolean owesBotTurn() {
        return status == ConversationStatus.PROGRESS && bot.answeredSeq() < inboundSeq;
    }
}
