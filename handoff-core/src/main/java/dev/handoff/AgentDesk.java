package dev.handoff;

import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Guard;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationId;
import dev.handoff.model.HandoffRequest;
import org.jspecify.annotations.Nullable;

/**
 * What one agent may do. Refusals are results, not exceptions; a lost race with a customer's message or the clock is
 * decided again and never shown. Thread-safe.
 *
 * <p>All methods throw {@link dev.handoff.store.StoreUnavailableException} when the store does not answer: give the
 * command an id ({@link #with}) to repeat it safely.
 */
public interface AgentDesk {

    /** This desk, with a guard on every command. A guard that names a command id is for one command only. */
    AgentDesk with(Guard guard);

    /** Asks for a human in a conversation that the bot holds. */
    CommandResult requestHandoff(ConversationId id, HandoffRequest request);

    /** Takes a waiting conversation. */
    CommandResult assign(ConversationId id);

    /** Gives a waiting conversation to another agent; supervisors only. */
    CommandResult assign(ConversationId id, String agentId);

    /**
     * Takes control now: from the bot, from the queue or, as a supervisor, from another agent. Once this has committed,
     * no bot message gets a permit any more (I1); those whose send had begun are in
     * {@link CommandResult.Done#inFlight()}.
     */
    CommandResult takeOver(ConversationId id);

    /** Hands the conversation to another agent. */
    CommandResult transferToAgent(ConversationId id, String agentId, @Nullable String note);

    /** Hands the conversation to a queue. */
    CommandResult transferToQueue(ConversationId id, String queue, @Nullable String note);

    /**
     * Gives the conversation back to the bot.
     *
     * @param summary what the bot should know
     */
    CommandResult releaseToBot(ConversationId id, @Nullable String reason, @Nullable String summary);

    /** Finishes the conversation. */
    CommandResult close(ConversationId id, @Nullable String reason);

    /** Answers the customer; only the holder may. */
    CommandResult reply(ConversationId id, Content content);

    /** Leaves a note that is never sent. */
    CommandResult note(ConversationId id, String text);
}
