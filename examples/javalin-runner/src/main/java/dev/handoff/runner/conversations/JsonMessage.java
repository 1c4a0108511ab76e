package dev.handoff.runner.conversations;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.model.Media;
import dev.handoff.model.Message;
import dev.handoff.model.Structured;
import dev.handoff.model.Template;
import dev.handoff.runner.http.Json;
import java.util.List;

/** Writes a message as the API shows it. Keys without a value are there, as null. */
public final class JsonMessage {

    private JsonMessage() {}

    public static ObjectNode of(Message message) {
        ObjectNode json = Json.object();
        json.put("id", message.id().text());
        json.put("seq", message.id().seq());
        json.put("conversationId", message.id().conversation().text());
        json.put("owner", message.owner().name());
        json.put("agentId", message.agentId());
        json.put("direction", message.direction().name());
        json.put("text", message.content().text());
        json.set("media", media(message.content().media()));
        Template template = message.content().template();
        json.set("template", template == null ? json.nullNode() : template(template));
        ObjectNode fields = Json.object();
        Structured.without(message.fields()).forEach(fields::put);
        json.set("fields", fields);
        ObjectNode structured = json.putObject("structured");
        message.structured()
                .forEach(one -> one.fields()
                        .forEach((name, value) -> structured.put(name.substring(Structured.PREFIX.length()), value)));
        json.put("words", message.words());
        json.put("providerMessageId", message.providerMessageId());
        json.put(
                "delivery",
                message.delivery() == null ? null : message.delivery().name());
        json.put("error", message.error());
        json.put("epoch", message.epoch());
        json.put("createdAt", Json.time(message.createdAt()));
        return json;
    }

    /** Messages as {@code {"items": […]}}. */
    public static ObjectNode items(List<Message> messages) {
        ObjectNode json = Json.object();
        ArrayNode items = json.putArray("items");
        messages.forEach(message -> items.add(of(message)));
        return json;
    }

    private static ArrayNode media(List<Media> media) {
        ArrayNode json = Json.array();
        media.forEach(file -> json.addObject().put("url", file.url()).put("contentType", file.contentType()));
        return json;
    }

    private static ObjectNode template(Template template) {
        ObjectNode json = Json.object();
        json.put("contentSid", template.id());
        ObjectNode variables = json.putObject("variables");
        template.variables().forEach(variables::put);
        return json;
    }
}
