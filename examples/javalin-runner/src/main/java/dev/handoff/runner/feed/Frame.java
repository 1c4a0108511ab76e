package dev.handoff.runner.feed;

import dev.handoff.runner.http.Json;
import dev.handoff.store.Feed.FeedEntry;

/** One event as it goes over the wire, written once for all clients. */
record Frame(long cursor, String json) {

    static Frame of(FeedEntry entry) {
        return new Frame(entry.cursor(), Json.write(JsonEvent.of(entry)));
    }
}
