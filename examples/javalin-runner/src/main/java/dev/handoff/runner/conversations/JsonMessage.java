package dev.handoff.runner.conversations;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.model.Media;
import dev.handoff.model.Message;
import dev.handoff.model.Structured;
import dev.handoff.model.Template;
import dev.handoff.runner.http.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

    /** About how many characters a message is shown in, where that is much. */
    static int length(Message message) {
        int length = length(message.content().text()) + length(message.error()) + length(message.fields());
        Template template = message.content().template();
        if (template != null) {
            length += length(template.variables());
        }
        for (Media file : message.content().media()) {
            length += file.url().length();
        }
        return length;
    }

    private static int length(Map<String, String> values) {
        return values.entrySet().stream()
                .mapToInt(value -> value.getKey().length() + value.getValue().length())
                .sum();
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
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
