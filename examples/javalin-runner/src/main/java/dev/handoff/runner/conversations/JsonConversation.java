package dev.handoff.runner.conversations;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.model.Conversation;
import dev.handoff.model.HandoffPhase;
import dev.handoff.model.HumanHandoff;
import dev.handoff.runner.http.Json;

/** Writes a conversation as the API shows it. Keys without a value are there, as null. */
final class JsonConversation {

    private JsonConversation() {}

    static ObjectNode of(Conversation conversation) {
        HumanHandoff handoff = conversation.handoff();
        HandoffPhase phase = conversation.phase();
        ObjectNode json = Json.object();
        json.put("id", conversation.id().text());
        json.put("tenant", conversation.id().tenant());
        json.put("channel", conversation.address().channel());
        json.put("customer", conversation.address().customer());
        json.put("inbox", conversation.address().inbox());
        json.put("customerName", conversation.customerName());
        json.put("status", conversation.status().name());
        json.put("phase", phase == null ? null : phase.name());
        json.put("holder", conversation.holder().toString());
        json.put("agentId", conversation.agentId());
        json.put("handoffAt", Json.time(handoff == null ? null : handoff.at()));
        json.put("handoffReason", handoff == null ? null : handoff.reason());
        json.put("summary", handoff == null ? null : handoff.summary());
        json.put("queue", handoff == null ? null : handoff.queue());
        json.put("priority", handoff == null ? 0 : handoff.priority());
        json.put("epoch", conversation.epoch());
        json.put("version", conversation.version());
        json.put(
                "deadlineAt",
                Json.time(
                        conversation.deadline() == null
                                ? null
                                : conversation.deadline().at()));
        json.put(
                "previousConversationId",
                conversation.previous() == null ? null : conversation.previous().text());
        json.put("createdAt", Json.time(conversation.createdAt()));
        json.put("updatedAt", Json.time(conversation.updatedAt()));
        json.put("closedAt", Json.time(conversation.closedAt()));
        return json;
    }
}
