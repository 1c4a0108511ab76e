package dev.handoff.model;

/**
 * An agent as stored.
 *
 * @param agent who
 * @param availability whether they want work; {@link Availability#AVAILABLE} until they say otherwise
 * @param load how many conversations they hold
 */
public record AgentState(Agent agent, Availability availability, int load) {}
