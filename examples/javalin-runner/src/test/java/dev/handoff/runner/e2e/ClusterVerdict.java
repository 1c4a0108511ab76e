package dev.handoff.runner.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import dev.handoff.runner.e2e.ClusterCustomers.Acknowledged;
import dev.handoff.runner.e2e.ClusterDesks.Taken;
import dev.handoff.runner.e2e.ClusterFeed.Told;
import dev.handoff.twilio.testing.FakeMessage;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Holds what the library says happened (the history and the feed, over HTTP) against what others know: Twilio of what it
 * accepted, customers and agents of what was acknowledged to them.
 */
final class ClusterVerdict {
    private static final Set<String> OPEN_DELIVERIES = Set.of("QUEUED", "DISPATCHING", "UNKNOWN");
    private static final Set<String> SENT_DELIVERIES = Set.of("SENT", "DELIVERED", "READ");

    /** A message of the history. */
    record Said(
            String id,
            String conversation,
            long seq,
            String owner,
            String direction,
            String text,
            String providerId,
            String delivery,
            long epoch,
            String createdAt) {}

    /** A message that Twilio took. */
    private record Accepted(String messageId, Instant at) {}

    private final Map<String, List<String>> breaches = new LinkedHashMap<>();
    private final Map<String, Object> figures = new LinkedHashMap<>();

    private final List<JsonNode> conversations;
    private final Map<String, Said> said = new LinkedHashMap<>();
    private final Map<String, List<Said>> bySpeech = new LinkedHashMap<>();
    private final List<Told> told;
    private final List<Accepted> accepted;
    private final Set<String> markedUnknown;

    /** The whole history. */
    static Map<String, List<Said>> history(Cluster cluster, List<JsonNode> conversations) {
        Api api = cluster.as(Cluster.SUPERVISOR, cluster.nodes.get(0));
        Map<String, List<Said>> history = new LinkedHashMap<>();
        for (JsonNode conversation : conversations) {
            String id = conversation.path("id").asText();
            history.put(
                    id,
                    api.messages(id).stream().map(message -> said(id, message)).toList());
        }
        return history;
    }

    private static Said said(String conversation, JsonNode message) {
        return new Said(
                message.path("id").asText(),
                conversation,
                message.path("seq").asLong(),
                message.path("owner").asText().intern(),
                message.path("direction").asText().intern(),
                message.path("text").asText(""),
                message.path("providerMessageId").asText(""),
                message.path("delivery").asText("").intern(),
                message.path("epoch").asLong(),
                message.path("createdAt").asText());
    }

    /** What is not finished: outbound messages whose fate is open, and conversations in which the bot owes an answer. */
    static List<String> unfinished(List<JsonNode> conversations, Map<String, List<Said>> history) {
        List<String> unfinished = new ArrayList<>();
        for (JsonNode conversation : conversations) {
            List<Said> messages = history.get(conversation.path("id").asText());
            messages.stream()
                    .filter(message -> OPEN_DELIVERIES.contains(message.delivery))
                    .forEach(message -> unfinished.add(message.id + " is " + message.delivery));
            if (conversation.path("status").asText().equals("PROGRESS")) {
                long epoch = conversation.path("epoch").asLong();
                Set<String> answered = messages.stream()
                        .filter(message -> message.owner.equals("BOT") && message.text.startsWith("echo: "))
                        .flatMap(message ->
                                Arrays.stream(message.text.substring(6).split("\n")))
                        .collect(Collectors.toSet());
                messages.stream()
                        .filter(message -> message.owner.equals("CUSTOMER")
                                && message.epoch == epoch
                                && !answered.contains(message.text))
                        .forEach(message -> unfinished.add("the bot owes an answer to " + message.id));
            } else if (conversation.path("status").asText().equals("HUMAN_HANDOFF")) {
                unfinished.add(conversation.path("id").asText() + " is with humans");
            }
        }
        return unfinished;
    }

    ClusterVerdict(
            Cluster cluster,
            List<JsonNode> conversations,
            Map<String, List<Said>> history,
            ClusterFeed feed,
            ClusterFeed listener,
            ClusterCustomers customers,
            ClusterDesks desks) {
        this.conversations = conversations;
        this.told = feed.told;
        this.accepted =
                cluster.twilio.messages().stream().map(ClusterVerdict::accepted).toList();
        history.forEach((id, messages) -> {
            bySpeech.put(id, messages);
            messages.forEach(message -> said.put(message.id, message));
        });
        this.markedUnknown = told.stream()
                .filter(event -> event.delivery().equals("UNKNOWN"))
                .map(Told::messageId)
                .collect(Collectors.toSet());
        figures();
        lost(customers, desks);
        storedOnce(customers);
        acceptedOnceAndInOrder();
        botAfterTakeover(desks);
        deadlines();
        feed(feed.deliveries());
        List<Long> followed = listener.told.stream().map(Told::cursor).toList();
        check(
                "feed, as it was followed",
                followed.equals(told.stream().map(Told::cursor).toList()),
                () -> "who followed the feed through all troubles was told " + followed.size() + " events, not "
                        + told.size());
        capacity(cluster);
    }

    Map<String, List<String>> breaches() {
        return breaches;
    }

    Map<String, Object> figures() {
        if (figures.isEmpty()) {
            figures.put("conversations", conversations.size());
            figures.put("events in the feed", told.size());
            figures.put("customers' messages stored", count("CUSTOMER", null));
            figures.put("accepted by Twilio", accepted.size());
            figures.put(
                    "sent",
                    said.values().stream()
                            .filter(message -> SENT_DELIVERIES.contains(message.delivery))
                            .count());
            figures.put("suppressed", count(null, "SUPPRESSED"));
            figures.put("given up", count(null, "FAILED"));
            figures.put("unknown for a while", markedUnknown.size());
        }
        return figures;
    }

    private long count(String owner, String delivery) {
        return said.values().stream()
                .filter(message -> owner == null || message.owner.equals(owner))
                .filter(message -> delivery == null || message.delivery.equals(delivery))
                .count();
    }

    private static Accepted accepted(FakeMessage message) {
        String query =
                URI.create(Objects.requireNonNull(message.statusCallback())).getRawQuery();
        String id = Arrays.stream(query.split("&"))
                .filter(pair -> pair.startsWith("message="))
                .map(pair -> URLDecoder.decode(pair.substring("message=".length()), StandardCharsets.UTF_8))
                .findFirst()
                .orElseThrow();
        return new Accepted(id, message.acceptedAt());
    }

    private void check(String rule, boolean holds, Supplier<String> otherwise) {
        List<String> found = breaches.computeIfAbsent(rule, key -> new ArrayList<>());
        if (!holds) {
            found.add(otherwise.get());
        }
    }

    private void lost(ClusterCustomers customers, ClusterDesks desks) {
        String rule = "lost";
        Set<String> stored = said.values().stream()
                .filter(message -> message.owner.equals("CUSTOMER"))
                .map(Said::providerId)
                .collect(Collectors.toSet());
        customers.acknowledged.forEach((sid, message) ->
                check(rule, stored.contains(sid), () -> message + " was acknowledged (" + sid + ") and is not stored"));
        desks.answers.forEach((id, text) -> {
            Said answer = said.get(id);
            check(
                    rule,
                    answer != null && answer.text.equals(text),
                    () -> id + " was acknowledged to an agent and is not stored");
            check(
                    rule,
                    answer == null || SENT_DELIVERIES.contains(answer.delivery),
                    () -> answer + ", which an agent said, was not sent");
        });
        Set<String> taken = accepted.stream().map(Accepted::messageId).collect(Collectors.toSet());
        for (Said message : said.values()) {
            check(
                    rule,
                    !SENT_DELIVERIES.contains(message.delivery) || taken.contains(message.id),
                    () -> message + " is said to be sent, and Twilio does not know it" + storyOf(message.id));
            check(rule, !message.delivery.equals("FAILED"), () -> message + " was given up" + storyOf(message.id));
            check(
                    "sent though suppressed",
                    !message.delivery.equals("SUPPRESSED") || !taken.contains(message.id),
                    () -> message + storyOf(message.id));
        }
        taken.forEach(id -> check(rule, said.containsKey(id), () -> id + " was sent and is not in the history"));
    }

    private void storedOnce(ClusterCustomers customers) {
        Map<String, Integer> times = new HashMap<>();
        for (List<Said> messages : bySpeech.values()) {
            int last = 0;
            for (Said message : messages) {
                if (message.owner.equals("CUSTOMER")) {
                    times.merge(message.providerId, 1, Integer::sum);
                    Acknowledged acknowledged = customers.acknowledged.get(message.providerId);
                    check(
                            "stored out of order",
                            acknowledged != null && acknowledged.number() > last,
                            () -> message.toString());
                    last = acknowledged == null ? last : acknowledged.number();
                }
            }
        }
        times.forEach((sid, n) -> check("stored twice", n == 1, () -> sid + " is stored " + n + " times"));
        Map<String, Integer> answers = new HashMap<>();
        said.values().stream()
                .filter(message -> message.owner.equals("AGENT") && message.direction.equals("OUTBOUND"))
                .forEach(message -> answers.merge(message.text, 1, Integer::sum));
        answers.forEach((text, n) -> check("stored twice", n == 1, () -> "'" + text + "' is stored " + n + " times"));
        Map<String, Long> open = conversations.stream()
                .filter(ClusterVerdict::isOpen)
                .collect(Collectors.groupingBy(c -> c.path("customer").asText(), Collectors.counting()));
        open.forEach((customer, n) -> check("more than one open", n == 1, () -> customer + " has " + n));
    }

    private void acceptedOnceAndInOrder() {
        Map<String, Integer> times = new LinkedHashMap<>();
        Map<String, Said> latest = new HashMap<>();
        Map<String, Said> latestKnown = new HashMap<>();
        int twiceUnknown = 0;
        int reorderedUnknown = 0;
        for (Accepted one : accepted) {
            Said message = said.get(one.messageId);
            boolean again = times.merge(one.messageId, 1, Integer::sum) > 1;
            boolean unknown = markedUnknown.contains(one.messageId);
            if (again && unknown) {
                twiceUnknown++;
            }
            check("twice", !again || unknown, () -> message + storyOf(one.messageId));
            if (message == null || again) {
                continue;
            }
            Said before = latest.get(message.conversation);
            Said knownBefore = latestKnown.get(message.conversation);
            boolean inOrder = before == null || before.seq < message.seq;
            if (unknown) {
                reorderedUnknown += inOrder ? 0 : 1;
            } else {
                check(
                        "reordered",
                        knownBefore == null || knownBefore.seq < message.seq,
                        () -> message + " after " + knownBefore + storyOf(message.id));
                latestKnown.put(message.conversation, message);
            }
            if (inOrder) {
                latest.put(message.conversation, message);
            }
        }
        figures.put("twice, and marked as unknown", twiceUnknown);
        figures.put("reordered, and marked as unknown", reorderedUnknown);
    }

    private void botAfterTakeover(ClusterDesks desks) {
        String rule = "bot after takeover";
        Map<String, List<Accepted>> ofBot = new HashMap<>();
        for (Accepted one : accepted) {
            Said message = said.get(one.messageId);
            if (message != null && message.owner.equals("BOT")) {
                ofBot.computeIfAbsent(message.conversation, id -> new ArrayList<>())
                        .add(one);
            }
        }
        int inFlight = 0;
        for (Taken taken : desks.taken) {
            inFlight += taken.inFlight().size();
            for (Accepted one : ofBot.getOrDefault(taken.conversation(), List.of())) {
                Said message = said.get(one.messageId);
                boolean earlier = message.epoch < taken.epoch();
                boolean late = one.at.isAfter(taken.answeredAt());
                check(
                        rule,
                        !earlier || !late || taken.inFlight().contains(one.messageId),
                        () -> message + " was accepted at " + one.at + ", after " + taken + storyOf(message.id));
            }
        }
        figures.put("takeovers and assignments", desks.taken.size());
        figures.put("named in flight by them", inFlight);
    }

    private void deadlines() {
        for (JsonNode conversation : conversations) {
            check(
                    "without deadline",
                    !isOpen(conversation) || conversation.path("deadlineAt").isTextual(),
                    () -> conversation.toString());
        }
    }

    private void feed(Map<String, String> deliveries) {
        String rule = "feed";
        long cursor = 0;
        Map<String, Long> seqs = new HashMap<>();
        Map<String, Long> epochs = new HashMap<>();
        Map<String, String> holders = new HashMap<>();
        Set<String> announced = new HashSet<>();
        for (Told event : told) {
            long cursorBefore = cursor;
            check(rule, event.cursor() > cursorBefore, () -> "cursor " + event.cursor() + " after " + cursorBefore);
            cursor = event.cursor();
            if (event.seq() > 0) {
                long before = seqs.getOrDefault(event.conversation(), 0L);
                check(rule, event.seq() == before + 1, () -> event + " after seq " + before);
                seqs.put(event.conversation(), event.seq());
            }
            if (!event.type().equals("delivery_updated") && !event.messageId().isEmpty()) {
                check(rule, announced.add(event.messageId()), () -> event + " was told before");
            }
            if (!event.to().isEmpty()) {
                long before = epochs.getOrDefault(event.conversation(), 1L);
                check(rule, event.epoch() >= before, () -> event + " after epoch " + before);
                epochs.put(event.conversation(), event.epoch());
                String holder = holders.put(event.conversation(), event.to());
                check(rule, holder == null || holder.equals(event.from()), () -> event + " came from " + holder);
            }
        }
        for (JsonNode conversation : conversations) {
            String id = conversation.path("id").asText();
            check(rule, seqs.containsKey(id), () -> id + " is not in it");
            check(
                    rule,
                    epochs.getOrDefault(id, 1L) == conversation.path("epoch").asLong(),
                    () -> conversation + " has another epoch than the feed's " + epochs.get(id));
            check(
                    rule,
                    holders.getOrDefault(id, "bot")
                            .equals(conversation.path("holder").asText()),
                    () -> conversation + " has another holder than the feed's " + holders.get(id));
        }
        for (Said message : said.values()) {
            check(rule, announced.contains(message.id), () -> message + " is not in it");
            if (message.direction.equals("OUTBOUND")) {
                String delivery = deliveries.getOrDefault(message.id, "QUEUED");
                check(
                        rule,
                        delivery.equals(message.delivery),
                        () -> message + " ended as " + delivery + " there" + storyOf(message.id));
            }
        }
        bySpeech.forEach((id, messages) -> {
            for (int i = 0; i < messages.size(); i++) {
                long seq = i + 1;
                check("history", messages.get(i).seq == seq, () -> id + " has no message " + seq);
            }
        });
    }

    private void capacity(Cluster cluster) {
        String rule = "capacity passed";
        Map<String, String> holders = new HashMap<>();
        Map<String, Integer> loads = new HashMap<>();
        int most = 0;
        for (Told event : told) {
            if (event.to().isEmpty()) {
                continue;
            }
            String before = holders.put(event.conversation(), event.to());
            if (!event.to().equals(before)) {
                if (before != null) {
                    loads.merge(before, -1, Integer::sum);
                }
                int load = loads.merge(event.to(), 1, Integer::sum);
                if (event.to().startsWith("agent:") && !event.to().equals("agent:" + Cluster.SUPERVISOR)) {
                    most = Math.max(most, load);
                    check(rule, load <= Cluster.CAPACITY, () -> event + " makes " + load + around(event));
                }
            }
        }
        figures.put("most conversations that an agent held", most + " of " + Cluster.CAPACITY);
        for (String agent : Cluster.AGENTS) {
            try {
                JsonNode state = cluster.as(agent, cluster.nodes.get(0))
                        .get("/api/agents/me")
                        .body();
                check("load left over", state.path("load").asInt(-1) == 0, () -> state.toString());
            } catch (Exception e) {
                check("load left over", false, () -> agent + ": " + e);
            }
        }
    }

    /** The changes of control that the feed tells just before and after. */
    private String around(Told event) {
        return told.stream()
                .filter(other -> !other.to().isEmpty() && Math.abs(other.cursor() - event.cursor()) < 20)
                .map(other -> "\n      " + other)
                .collect(Collectors.joining());
    }

    /** What the feed tells of a message. */
    private String storyOf(String messageId) {
        return told.stream()
                        .filter(event -> event.messageId().equals(messageId))
                        .map(event -> "\n      " + event.cursor() + " " + event.type() + " " + event.line())
                        .collect(Collectors.joining())
                + accepted.stream()
                        .filter(one -> one.messageId.equals(messageId))
                        .map(one -> "\n      accepted at " + one.at)
                        .collect(Collectors.joining());
    }

    private static boolean isOpen(JsonNode conversation) {
        return Set.of("PENDING", "PROGRESS", "HUMAN_HANDOFF")
                .contains(conversation.path("status").asText());
    }
}
