package dev.handoff.runner.http;

import io.javalin.http.Context;
import java.util.List;

/** What every request must pass before it reaches its route: headers, the agent's token, the pace, readiness. */
final class Door {
    /** Twice what is promised, for each agent; strangers share one by address. */
    private static final double REQUESTS_A_SECOND = 2_000;

    private static final List<String> FOR_AGENTS = List.of("/api", "/simulator", "/metrics");
    private static final List<String> FOR_ANYBODY_UNLIMITED = List.of("/webhooks/", "/healthz", "/readyz", "/ws/");

    private final Authentication agents;
    private final Gate gate;
    private final RateLimit limit = new RateLimit(REQUESTS_A_SECOND, System::nanoTime);

    Door(Authentication agents, Gate gate) {
        this.agents = agents;
        this.gate = gate;
    }

    void pass(Context ctx) {
        SecurityHeaders.addTo(ctx::header);
        String path = ctx.path();
        if (FOR_ANYBODY_UNLIMITED.stream().anyMatch(path::startsWith)) {
            return;
        }
        boolean forAgents = FOR_AGENTS.stream().anyMatch(path::startsWith);
        String caller = "address " + ctx.ip();
        if (forAgents) {
            caller = "agent " + agents.authenticate(ctx);
        }
        if (!limit.allows(caller)) {
            throw new Problem(
                    429, "too-many-requests", "more than " + (int) REQUESTS_A_SECOND + " requests a second", null);
        }
        if (forAgents && !path.startsWith("/metrics")) {
            gate.requireOpen();
        }
        if (!PercentEncoding.isReadable(path)) {
            throw Problem.nothingHere();
        }
    }
}
