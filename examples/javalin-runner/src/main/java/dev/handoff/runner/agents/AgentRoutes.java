package dev.handoff.runner.agents;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.Handoff;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentState;
import dev.handoff.model.Availability;
import dev.handoff.runner.http.Json;
import dev.handoff.runner.http.Problem;
import dev.handoff.runner.http.RequestBody;
import dev.handoff.runner.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Locale;

/** What an agent sees and says of themselves. */
public final class AgentRoutes implements Routes {
    private final Handoff handoff;

    public AgentRoutes(Handoff handoff) {
        this.handoff = handoff;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/api/agents/me", this::me);
        routes.put("/api/agents/me", this::setAvailability);
    }

    private void me(Context ctx) {
        Json.answer(ctx, 200, json(stateOf(Bearer.agent(ctx))));
    }

    private void setAvailability(Context ctx) {
        Agent me = Bearer.agent(ctx);
        Availability wanted = availability(RequestBody.of(ctx).requiredText("availability"));
        handoff.roster().setAvailability(me.tenant(), me.id(), wanted);
        Json.answer(ctx, 200, json(stateOf(me)));
    }

    private AgentState stateOf(Agent agent) {
        return handoff.roster()
                .agent(agent.tenant(), agent.id())
                .orElseGet(() -> new AgentState(agent, Availability.AVAILABLE, 0));
    }

    private static ObjectNode json(AgentState state) {
        ObjectNode json = Json.object();
        json.put("id", state.agent().id());
        json.put("role", state.agent().role().name().toLowerCase(Locale.ROOT));
        json.put("availability", state.availability().name().toLowerCase(Locale.ROOT));
        json.put("capacity", state.agent().capacity());
        json.put("load", state.load());
        return json;
    }

    private static Availability availability(String word) {
        for (Availability availability : Availability.values()) {
            if (availability.name().toLowerCase(Locale.ROOT).equals(word)) {
                return availability;
            }
        }
        throw Problem.unreadable("'availability' must be available, away or offline");
    }
}
