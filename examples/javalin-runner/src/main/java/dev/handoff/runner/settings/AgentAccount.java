package dev.handoff.runner.settings;

import dev.handoff.model.AgentRole;

/**
 * Somebody who may use the service.
 *
 * @param token the secret that they show as a bearer token
 */
public record AgentAccount(String id, AgentRole role, String token) {

    /** Without the token, so that a log can hold it. */
    @Override
    public String toString() {
        return "AgentAccount[" + id + ", " + role + "]";
    }
}
