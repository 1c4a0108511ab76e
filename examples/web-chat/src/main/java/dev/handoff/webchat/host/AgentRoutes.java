package dev.handoff.webchat.host;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.AgentDesk;
import dev.handoff.Handoff;
import dev.handoff.machine.CommandResult;
import dev.handoff.model.Agent;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.store.History;
import io.javalin.config.RoutesConfig;
import io.javalin.http.ConflictResponse;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.UnauthorizedResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** One agent's desk, for curl: what is open, take over, reply, release, close. The runner has a console; this is enough here. */
final class AgentRoutes {
    private static final int MOST = 100;

    private final Handoff handoff;
    private final Agent agent;
    private final byte[] authorization;

    AgentRoutes(Handoff handoff, Agent agent, String token) {
        this.handoff = handoff;
        this.agent = agent;
        this.authorization = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    }

    void addTo(RoutesConfig routes) {
        routes.before("/agent/*", this::authenticate);
        routes.get("/agent/conversations", this::open);
        routes.post("/agent/conversations/{id}/{command}", this::carryOut);
    }

    private void authenticate(Context ctx) {
        String given = String.valueOf(ctx.header("Authorization"));
        if (!MessageDigest.isEqual(authorization, given.getBytes(StandardCharsets.UTF_8))) {
            throw new UnauthorizedResponse("the agent's token is needed: Authorization: Bearer …");
        }
    }

    private void open(Context ctx) {
        ArrayNode open = JsonNodeFactory.instance.arrayNode();
        handoff
                .history()
                .conversations(new History.Query(agent.tenant(), null, null, null, null, MOST, null))
                .items()
                .stream()
                .filter(conversation -> conversation.status().isOpen())
                .forEach(conversation -> open.add(json(conversation)));
        ctx.contentType("application/json").result(open.toPrettyString());
    }

    private void carryOut(Context ctx) {
        ConversationId id = ConversationId.parse(agent.tenant(), ctx.pathParam("id"))
                .orElseThrow(() -> new NotFoundResponse("there is no such conversation"));
        AgentDesk desk = handoff.as(agent);
        CommandResult result = switch (ctx.pathParam("command")) {
            case "takeover" -> desk.takeOver(id);
            case "reply" -> desk.reply(id, Content.text(ctx.body()));
            case "release" -> desk.releaseToBot(id, "resolved", null);
            case "close" -> desk.close(id, "resolved");
            default -> throw new NotFoundResponse("takeover, reply, release or close");
        };
        if (result instanceof CommandResult.Done done) {
            ctx.contentType("application/json").result(json(done.conversation()).toPrettyString());
        } else if (result instanceof CommandResult.Refused refused) {
            throw new ConflictResponse(refused.reason().detail());
        } else {
            throw new NotFoundResponse("there is no such conversation");
        }
    }

    private static ObjectNode json(Conversation conversation) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", conversation.id().text())
                .put("customer", conversation.address().customer())
                .put("status", conversation.status().name())
                .put("agent", conversation.agentId());
    }
}
