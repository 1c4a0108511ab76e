package dev.handoff.runner.feed;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.model.Event;
import dev.handoff.runner.http.Json;
import dev.handoff.store.Feed.FeedEntry;

/** Writes an event as the API shows it. All keys are always there. */
final class JsonEvent {

    private JsonEvent() {}

    static ObjectNode of(FeedEntry entry) {
        Event event = entry.event();
        ObjectNode json = Json.object();
        json.put("cursor", entry.cursor());
        json.put(
                "conversationId",
                event.conversation() == null ? null : event.conversation().text());
        json.put("seq", event.seq());
        json.put("type", event.type().wireName());
        json.put("actor", event.actor());
        json.put("at", Json.time(event.at()));
        ObjectNode data = json.putObject("data");
        event.data().forEach(data::put);
        return json;
    }
}
