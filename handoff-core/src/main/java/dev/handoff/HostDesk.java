package dev.handoff;

import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Guard;
import dev.handoff.machine.OpenResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.HandoffRequest;
import org.jspecify.annotations.Nullable;

/** What the host application itself may do. Results and errors as in {@link AgentDesk}. Thread-safe. */
public interface HostDesk {

    /** This desk, with a guard on every command. A guard that names a command id is for one command only. */
    HostDesk with(Guard guard);

    /**
     * Opens a conversation before the customer has written: it is PENDING until they do. Where one is open at this
     * address already, that one is returned and nothing is said. A guard has no meaning here: there is no epoch yet, and
     * an address never has two open conversations (I10).
     *
     * @param opening what the customer is told; null for nothing. The channel is asked first whether it can be sent, as
     *     it is for an agent's reply
     * @throws IllegalArgumentException when the address's channel was not given to the builder
     */
    OpenResult open(ConversationAddress address, @Nullable Content opening);

    /** Asks for a human. */
    CommandResult requestHandoff(ConversationId id, HandoffRequest request);

    /** Gives the conversation back to the bot. */
    CommandResult releaseToBot(ConversationId id, @Nullable String reason, @Nullable String summary);

    /** The customer has finished: USER_CLOSED. */
    CommandResult endByUser(ConversationId id, String reason);

    /** The conversation cannot go on: FAILED. */
    CommandResult fail(ConversationId id, String reason);
}
