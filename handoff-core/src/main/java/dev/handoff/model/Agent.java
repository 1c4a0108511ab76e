package dev.handoff.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A human agent, as the host knows them.
 *
 * @param tenant whose agent
 * @param id the agent's name
 * @param role what they may do
 * @param capacity how many conversations they may hold at once; null for no limit, which is the rule for supervisors
 */
public record Agent(
        String tenant, String id, AgentRole role, @Nullable Integer capacity) {

    /** How many conversations an agent may hold when the host says nothing: {@value}. */
    public static final int DEFAULT_CAPACITY = 5;

    public Agent {
        Objects.requireNonNull(tenant, "tenant");
        if (id.isBlank()) {
            throw new IllegalArgumentException("an agent needs an id");
        }
        if (capacity != null && capacity < 1) {
            throw new IllegalArgumentException("the capacity of agent " + id + " must be 1 or more, not " + capacity);
        }
    }

    /** An agent of the {@linkplain Tenant#DEFAULT default tenant} with the default capacity. */
    public static Agent agent(String id) {
        return new Agent(Tenant.DEFAULT, id, AgentRole.AGENT, DEFAULT_CAPACITY);
    }

    /** A supervisor of the {@linkplain Tenant#DEFAULT default tenant}. */
    public static Agent supervisor(String id) {
        return new Agent(Tenant.DEFAULT, id, AgentRole.SUPERVISOR, null);
    }

    /** This agent as the one who acts. */
    public Actor.Human asActor() {
        return new Actor.Human(id, role);
    }
}
