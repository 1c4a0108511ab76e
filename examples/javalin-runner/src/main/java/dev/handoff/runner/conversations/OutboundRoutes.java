package dev.handoff.runner.conversations;

import dev.handoff.Handoff;
import dev.handoff.model.Agent;
import dev.handoff.model.Conversation;
import dev.handoff.model.Holder;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.runner.agents.Bearer;
import dev.handoff.runner.http.Json;
import dev.handoff.runner.http.Problem;
import dev.handoff.runner.http.QueryParams;
import dev.handoff.runner.http.Routes;
import dev.handoff.store.Outbox.RetryDecision;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Messages that were given up, another try, and the end of the matter. */
public final class OutboundRoutes implements Routes {
    private static final Logger log = LoggerFactory.getLogger(OutboundRoutes.class);

    private final Handoff handoff;

    public OutboundRoutes(Handoff handoff) {
        this.handoff = handoff;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/api/outbound/dead", this::dead);
        routes.post("/api/outbound/{messageId}/retry", this::retry);
        routes.post("/api/outbound/{messageId}/drop", this::drop);
    }

    private void dead(Context ctx) {
        int limit = QueryParams.limit(ctx, 200, 1_000);
        Json.answer(
                ctx,
                200,
                JsonMessage.items(handoff.deadLetters(Bearer.agent(ctx).tenant(), limit)));
    }

    private void retry(Context ctx) {
        Agent agent = Bearer.agent(ctx);
        MessageId id = PathIds.message(ctx);
        requireNotInAnothersHands(agent, id);
        RetryDecision decision = handoff.retryDeadLetter(id, agent.asActor());
        log.info("retry by {} of {}: {}", agent.id(), id.text(), decision);
        switch (decision) {
            case QUEUED -> Json.answer(ctx, 202, JsonMessage.of(message(id)));
            case SUPPRESSED -> throw refused(id, "a person has taken over since the bot said this: it is never sent");
            case NOT_DEAD -> throw refused(id, "this message was not given up, so there is nothing to try again");
            case NOT_FOUND -> throw unknown();
        }
    }

    private void drop(Context ctx) {
        Agent agent = Bearer.agent(ctx);
        MessageId id = PathIds.message(ctx);
        requireNotInAnothersHands(agent, id);
        boolean wasDead = handoff.dropDeadLetter(id, agent.asActor());
        log.info("drop by {} of {}: {}", agent.id(), id.text(), wasDead ? "done" : "not a dead letter");
        Message message = message(id);
        if (!wasDead) {
            throw refused(id, "this message was not given up, or was dropped before, so there is nothing to drop");
        }
        Json.answer(ctx, 200, JsonMessage.of(message));
    }

    /** To send into a conversation that somebody holds is to write in it. */
    private void requireNotInAnothersHands(Agent agent, MessageId id) {
        Conversation conversation =
                handoff.history().conversation(id.conversation()).orElseThrow(OutboundRoutes::unknown);
        if (conversation.holder() instanceof Holder.Agent holder
                && !holder.agentId().equals(agent.id())
                && !agent.role().supervises()) {
            throw new Problem(
                    403,
                    "not-the-holder",
                    "agent " + holder.agentId() + " holds this conversation: only they may send in it again",
                    JsonConversation.of(conversation));
        }
    }

    private Message message(MessageId id) {
        return handoff.history().message(id).orElseThrow(OutboundRoutes::unknown);
    }

    private Problem refused(MessageId id, String detail) {
        Conversation conversation =
                handoff.history().conversation(id.conversation()).orElseThrow(OutboundRoutes::unknown);
        return Answers.badContent(detail, conversation);
    }

    private static Problem unknown() {
        return Problem.notFound("there is no such message");
    }
}
