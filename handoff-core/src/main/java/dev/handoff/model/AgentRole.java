package dev.handoff.model;

/** What an agent may do. */
public enum AgentRole {
    /** Takes and answers conversations, up to a capacity. */
    AGENT,
    /** May also act on conversations that others hold; has no capacity limit. */
    SUPERVISOR,
    /** A supervisor who may also operate the outbound queue. */
    ADMIN;

    /** Whether this role may act on conversations that others hold. */
    public boolean supervises() {
        return this != AGENT;
    }
}
