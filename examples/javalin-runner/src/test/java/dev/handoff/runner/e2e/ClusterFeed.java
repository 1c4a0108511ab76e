package dev.handoff.runner.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import dev.handoff.runner.e2e.ClusterVerdict.Said;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** Reads a cluster's feed, resuming at whichever node answers. */
final class ClusterFeed {

    /** What the feed told. Absent values are empty. */
    record Told(
            long cursor,
            String type,
            String conversation,
            long seq,
            String messageId,
            String owner,
            String delivery,
            String from,
            String to,
            long epoch,
            String line) {

        static Told of(JsonNode event) {
            JsonNode data = event.path("data");
            return new Told(
                    event.path("cursor").asLong(),
                    event.path("type").asText().intern(),
                    event.path("conversationId").asText(""),
                    event.path("seq").asLong(0),
                    data.path("messageId").asText(""),
                    data.path("owner").asText("").intern(),
                    data.path("delivery").asText("").intern(),
                    data.path("from").asText("").intern(),
                    data.path("to").asText("").intern(),
                    data.path("epoch").asLong(0),
                    event.path("type").asText().equals("delivery_updated") ? data.toString() : "");
        }
    }

    final List<Told> told = new ArrayList<>();
    private final Cluster cluster;
    private final Random random;
    private long cursor;
    private volatile boolean stopped;

    ClusterFeed(Cluster cluster, long seed) {
        this.cluster = cluster;
        this.random = new Random(seed + 6_000);
    }

    /** Reads on until nothing more comes. */
    ClusterFeed read() {
        while (readPage() > 0) {
            // further
        }
        return this;
    }

    /** What has become of every message, as it tells; those of which nothing is told are not here. */
    Map<String, String> deliveries() {
        Map<String, String> deliveries = new HashMap<>();
        for (Told event : told) {
            if (event.type().equals("delivery_updated")) {
                deliveries.put(event.messageId(), event.delivery());
            } else if (event.type().equals("bot_reply_suppressed")) {
                deliveries.put(event.messageId(), "SUPPRESSED");
            }
        }
        return deliveries;
    }

    /** The epochs of the conversations that have changed hands, as it tells. */
    Map<String, Long> epochs() {
        Map<String, Long> epochs = new HashMap<>();
        told.stream()
                .filter(event -> !event.to().isEmpty())
                .forEach(event -> epochs.put(event.conversation(), event.epoch()));
        return epochs;
    }

    /** Whether it has come to where these stand. */
    boolean tells(List<JsonNode> conversations, Map<String, List<Said>> history) {
        Map<String, String> deliveries = deliveries();
        Map<String, Long> epochs = epochs();
        return conversations.stream()
                        .allMatch(one -> epochs.getOrDefault(one.path("id").asText(), 1L)
                                == one.path("epoch").asLong())
                && history.values().stream()
                        .flatMap(List::stream)
                        .filter(message -> message.direction().equals("OUTBOUND"))
                        .allMatch(message -> message.delivery().equals(deliveries.get(message.id())));
    }

    /** Reads in a thread of its own until it is stopped. */
    Thread follow() {
        return cluster.start("listener", () -> {
            while (!stopped) {
                if (readPage() == 0) {
                    LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
                }
            }
        });
    }

    void stop() {
        stopped = true;
    }

    private int readPage() {
        List<JsonNode> page = cluster.untilListed("/api/events?limit=1000&after=" + cursor, random);
        page.forEach(event -> told.add(Told.of(event)));
        if (!page.isEmpty()) {
            cursor = told.get(told.size() - 1).cursor();
        }
        return page.size();
    }
}
