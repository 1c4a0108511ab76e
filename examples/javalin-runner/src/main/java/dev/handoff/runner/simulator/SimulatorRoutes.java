package dev.handoff.runner.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.Handoff;
import dev.handoff.ReceiveResult;
import dev.handoff.channel.InboundMessage;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Direction;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.runner.agents.Bearer;
import dev.handoff.runner.conversations.JsonMessage;
import dev.handoff.runner.http.Json;
import dev.handoff.runner.http.Problem;
import dev.handoff.runner.http.QueryParams;
import dev.handoff.runner.http.RequestBody;
import dev.handoff.runner.http.Routes;
import dev.handoff.store.History;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Plays the customer: says something, and shows what a customer would see. */
public final class SimulatorRoutes implements Routes {
    private static final int PAGE = 500;
    private static final Set<Delivery> ARRIVED = EnumSet.of(Delivery.SENT, Delivery.DELIVERED, Delivery.READ);

    private final Handoff handoff;

    public SimulatorRoutes(Handoff handoff) {
        this.handoff = handoff;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/simulator/messages", this::seen);
        routes.post("/simulator/messages", this::say);
    }

    private void say(Context ctx) {
        RequestBody body = RequestBody.of(ctx);
        String from = body.requiredText("from");
        if (from.isBlank()) {
            throw Problem.unreadable("'from' must name the customer");
        }
        InboundMessage message =
                inbound(Bearer.agent(ctx).tenant(), from, body.requiredText("text"), body.text("profileName"));
        MessageId id = stored(handoff.receive(message));
        ObjectNode json = Json.object();
        json.put("conversationId", id.conversation().text());
        json.put("messageId", id.text());
        Json.answer(ctx, 202, json);
    }

    private static MessageId stored(ReceiveResult result) {
        return result instanceof ReceiveResult.Stored stored
                ? stored.message()
                : ((ReceiveResult.Duplicate) result).message();
    }

    private static InboundMessage inbound(String tenant, String from, String text, @Nullable String name) {
        String id = SimulatorChannel.newMessageName();
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("MessageSid", id);
        fields.put("From", from);
        fields.put("To", SimulatorChannel.INBOX);
        fields.put("Body", text);
        if (name != null) {
            fields.put("ProfileName", name);
        }
        return new InboundMessage(
                new ConversationAddress(tenant, SimulatorChannel.NAME, SimulatorChannel.INBOX, from),
                id,
                Content.text(text),
                name,
                fields);
    }

    private void seen(Context ctx) {
        String from = QueryParams.text(ctx, "from");
        if (from == null) {
            throw Problem.unreadable("'from' must name the customer");
        }
        ObjectNode json = Json.object();
        ArrayNode items = json.putArray("items");
        for (ConversationId id : conversationsOf(Bearer.agent(ctx).tenant(), from)) {
            everyMessage(id).stream()
                    .filter(SimulatorRoutes::reachedTheCustomer)
                    .forEach(message -> items.add(JsonMessage.of(message)));
        }
        Json.answer(ctx, 200, json);
    }

    private static boolean reachedTheCustomer(Message message) {
        return message.direction() == Direction.INBOUND
                || (message.direction() == Direction.OUTBOUND && ARRIVED.contains(message.delivery()));
    }

    /** Oldest first. Each begins where the one before it ended, so their messages follow each other too. */
    private List<ConversationId> conversationsOf(String tenant, String from) {
        List<Conversation> found = new ArrayList<>();
        String cursor = null;
        do {
            History.Page page =
                    handoff.history().conversations(new History.Query(tenant, null, null, null, from, PAGE, cursor));
            found.addAll(page.items());
            cursor = page.nextCursor();
        } while (cursor != null);
        found.removeIf(conversation -> !conversation.address().channel().equals(SimulatorChannel.NAME));
        found.sort(Comparator.comparing(Conversation::createdAt));
        return found.stream().map(Conversation::id).toList();
    }

    private List<Message> everyMessage(ConversationId id) {
        List<Message> all = new ArrayList<>();
        List<Message> page;
        do {
            MessageId last = all.isEmpty() ? null : all.get(all.size() - 1).id();
            page = handoff.history().messages(id, last == null ? 0 : last.seq(), PAGE);
            all.addAll(page);
        } while (page.size() == PAGE);
        return Collections.unmodifiableList(all);
    }
}
