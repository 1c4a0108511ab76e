package dev.handoff.store;

import dev.handoff.model.Agent;

/** How an agent's load changes with a commit. */
public sealed interface LoadChange {

    /** Who. */
    String agentId();

    /**
     * The agent takes a conversation; refused when their capacity is reached (I9). An agent who is not known yet becomes
     * known by this.
     */
    record Take(Agent agent) implements LoadChange {
        @Override
        public String agentId() {
            return agent.id();
        }
    }

    /** The agent gives a conversation back. */
    record GiveBack(String agentId) implements LoadChange {}
}
