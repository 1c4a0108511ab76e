package dev.handoff.store;

import dev.handoff.model.Agent;
import dev.handoff.model.AgentState;
import dev.handoff.model.Availability;
import java.util.Optional;

/** Who the agents are, and what they hold. */
public interface Roster {

    /** An agent who is registered or has held a conversation. */
    Optional<AgentState> agent(String tenant, String id);

    /** Makes an agent known, or changes role and capacity of one who is. What they hold is kept. */
    void register(Agent agent);

    /**
     * Sets an agent's availability, with an event in the feed where it changes.
     *
     * @throws IllegalArgumentException when the agent is neither registered nor has held a conversation
     */
    void setAvailability(String tenant, String agentId, Availability availability);
}
