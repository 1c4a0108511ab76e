package dev.handoff.runner.conversations;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.Handoff;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.HandoffPhase;
import dev.handoff.model.HumanHandoff;
import dev.handoff.model.Message;
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
import java.util.ArrayList;
import java.util.List;

/** What can be read of conversations: by everyone in the tenant, all of it. */
public final class ConversationRoutes implements Routes {
    private static final int READ_AT_ONCE = 50;

    /** In characters. */
    private static final int LONGEST_PAGE = 4_000_000;

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
        Json.answer(ctx, 200, page(id, after, limit));
    }

    /**
     * Some at a time, until there is as much to read as one answer should hold: a text may be as long as a request, and a
     * thousand of them would take the memory of all others. A page that was cut says where the next one begins.
     */
    private ObjectNode page(ConversationId id, long after, int limit) {
        List<Message> page = new ArrayList<>();
        int left = LONGEST_PAGE;
        long place = after;
        boolean more = true;
        while (more && left > 0) {
            int some = Math.min(limit - page.size(), READ_AT_ONCE);
            List<Message> next = handoff.history().messages(id, place, some);
            for (int i = 0; i < next.size() && left > 0; i++) {
                Message message = next.get(i);
                page.add(message);
                place = message.id().seq();
                left -= JsonMessage.length(message);
            }
            more = next.size() == some && page.size() < limit;
        }
        ObjectNode json = JsonMessage.items(page);
        return left > 0 ? json : json.put("nextAfter", place);
    }

    private Conversation find(ConversationId id) {
        return handoff.history().conversation(id).orElseThrow(PathIds::unknownConversation);
    }
}
