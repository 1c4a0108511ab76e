package dev.handoff.runner.conversations;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.Handoff;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.HandoffPhase;
import dev.handoff.model.HumanHandoff;
import dev.handoff.runner.agents.Bearer;
import dev.handoff.runner.http.Json;
import dev.handoff.runner.http.QueryParams;
import dev.handoff.runner.http.Routes;
import dev.handoff.store.History;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** What can be read of conversations: by everyone in the tenant, all of it. */
public final class ConversationRoutes implements Routes {
    private static final int LONGEST_QUEUE = 1_000;

    private final Handoff handoff;
    private final InstantSource storeTime;

    /**
     * @param storeTime the store's clock: the one that {@code handoffAt} was read from
     */
    public ConversationRoutes(Handoff handoff, InstantSource storeTime) {
        this.handoff = handoff;
        this.storeTime = storeTime;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/api/conversations", this::list);
        routes.get("/api/queue", this::queue);
        routes.get("/api/conversations/{id}", this::one);
        routes.get("/api/conversations/{id}/messages", this::messages);
    }

    private void list(Context ctx) {
        History.Page page = handoff.history()
                .conversations(new History.Query(
                        Bearer.agent(ctx).tenant(),
                        QueryParams.constant(ctx, "status", ConversationStatus.class),
                        QueryParams.constant(ctx, "phase", HandoffPhase.class),
                        QueryParams.text(ctx, "agentId"),
                        QueryParams.text(ctx, "customer"),
                        QueryParams.limit(ctx, 50, 500),
                        QueryParams.text(ctx, "cursor")));
        ObjectNode json = Json.object();
        ArrayNode items = json.putArray("items");
        page.items().forEach(conversation -> items.add(JsonConversation.of(conversation)));
        json.put("nextCursor", page.nextCursor());
        Json.answer(ctx, 200, json);
    }

    private void queue(Context ctx) {
        List<Conversation> waiting =
                handoff.history().queue(Bearer.agent(ctx).tenant(), QueryParams.text(ctx, "queue"), LONGEST_QUEUE);
        ObjectNode json = Json.object();
        ArrayNode items = json.putArray("items");
        Instant now = storeTime.instant();
        for (Conversation conversation : waiting) {
            HumanHandoff handedOff = conversation.handoff();
            Duration waited = handedOff == null ? Duration.ZERO : Duration.between(handedOff.at(), now);
            items.add(JsonConversation.of(conversation)
                    .put("position", items.size() + 1)
                    .put("waitingSeconds", Math.max(0, waited.toSeconds())));
        }
        Json.answer(ctx, 200, json);
    }

    private void one(Context ctx) {
        Json.answer(ctx, 200, JsonConversation.of(find(PathIds.conversation(ctx))));
    }

    private void messages(Context ctx) {
        ConversationId id = PathIds.conversation(ctx);
        long after = QueryParams.after(ctx);
        int limit = QueryParams.limit(ctx, 200, 1_000);
        find(id);
        Json.answer(ctx, 200, JsonMessage.items(handoff.history().messages(id, after, limit)));
    }

    private Conversation find(ConversationId id) {
        return handoff.history().conversation(id).orElseThrow(PathIds::unknownConversation);
    }
}
