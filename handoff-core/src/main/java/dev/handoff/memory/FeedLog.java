package dev.handoff.memory;

import dev.handoff.model.Event;
import dev.handoff.store.Feed.FeedEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What happened, in order. Events wait until they are sequenced, as they do in a database: a host that forgets to run the
 * sequencer finds out here, not in production. Guarded by the store's lock.
 */
final class FeedLog {
    private final Deque<Event> pending = new ArrayDeque<>();

    /** By tenant; an entry's cursor is its place in the list, from 1. */
    private final Map<String, List<FeedEntry>> feeds = new HashMap<>();

    void add(Event event) {
        pending.add(event);
    }

    void addAll(Collection<Event> events) {
        pending.addAll(events);
    }

    int sequence(int limit) {
        int moved = 0;
        while (moved < limit && !pending.isEmpty()) {
            Event event = pending.remove();
            List<FeedEntry> feed = feeds.computeIfAbsent(event.tenant(), tenant -> new ArrayList<>());
            feed.add(new FeedEntry(feed.size() + 1L, event));
            moved++;
        }
        return moved;
    }

    List<FeedEntry> after(String tenant, long after, int limit) {
        List<FeedEntry> feed = feeds.getOrDefault(tenant, List.of());
        int from = (int) Math.min(Math.max(0, after), feed.size());
        int to = (int) Math.min((long) from + Math.max(0, limit), feed.size());
        return List.copyOf(feed.subList(from, to));
    }

    long end(String tenant) {
        return feeds.getOrDefault(tenant, List.of()).size();
    }
}
