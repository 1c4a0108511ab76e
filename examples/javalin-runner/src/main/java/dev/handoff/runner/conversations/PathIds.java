package dev.handoff.runner.conversations;

import dev.handoff.model.Agent;
import dev.handoff.model.ConversationId;
import dev.handoff.model.MessageId;
import dev.handoff.runner.agents.Bearer;
import dev.handoff.runner.http.Problem;
import io.javalin.http.Context;

/** Reads ids out of the path, within the caller's tenant. A malformed one names nothing: 404. */
final class PathIds {

    private PathIds() {}

    static ConversationId conversation(Context ctx) {
        Agent agent = Bearer.agent(ctx);
        return ConversationId.parse(agent.tenant(), ctx.pathParam("id")).orElseThrow(PathIds::unknownConversation);
    }

    static MessageId message(Context ctx) {
        Agent agent = Bearer.agent(ctx);
        return MessageId.parse(agent.tenant(), ctx.pathParam("messageId"))
                .orElseThrow(() -> Problem.notFound("there is no such message"));
    }

    static Problem unknownConversation() {
        return Problem.notFound("there is no such conversation");
    }
}
