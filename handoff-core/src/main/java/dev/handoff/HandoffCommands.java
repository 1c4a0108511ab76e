package dev.handoff;

import dev.handoff.channel.InboundMessage;
import dev.handoff.model.Agent;

/** What can be told to the library. */
public interface HandoffCommands {

    /**
     * Stores what a customer wrote and decides what follows. Idempotent by the provider's message id, for ever. Returns
     * once it is committed; the bot is called later, on the library's own threads.
     *
     * @throws dev.handoff.store.StoreUnavailableException when it could not be stored: answer 503, and take the
     *     redelivery
     * @throws IllegalArgumentException when the message's channel was not given to the builder
     */
    ReceiveResult receive(InboundMessage message);

    /** What this agent may do. */
    AgentDesk as(Agent agent);

    /** What the host may do. */
    HostDesk host();
}
