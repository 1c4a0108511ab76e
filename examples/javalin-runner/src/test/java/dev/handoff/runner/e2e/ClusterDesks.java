package dev.handoff.runner.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Agents at work over HTTP, each at two desks at once, on whichever node. */
final class ClusterDesks {

    /** Control was taken, and this was the answer. */
    record Taken(String conversation, long epoch, Set<String> inFlight, Instant answeredAt) {}

    final Queue<Taken> taken = new ConcurrentLinkedQueue<>();

    /** What agents said, by the id of the message that was acknowledged. */
    final Map<String, String> answers = new ConcurrentHashMap<>();

    final AtomicInteger commands = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();

    private final Cluster cluster;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    ClusterDesks(Cluster cluster, long seed) {
        this.cluster = cluster;
        for (int desk = 0; desk < 2 * Cluster.AGENTS.size(); desk++) {
            String agent = Cluster.AGENTS.get(desk / 2);
            String name = agent + " at desk " + desk;
            Random random = new Random(seed + 1_000 + desk);
            threads.add(cluster.start(name, () -> work(agent, name, random)));
        }
        threads.add(
                cluster.start("supervisor", () -> work(Cluster.SUPERVISOR, "supervisor", new Random(seed + 2_000))));
    }

    void stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    void interrupt() {
        stopped = true;
        threads.forEach(Thread::interrupt);
    }

    /** Gives everything back to the bot, on behalf of the supervisor; returns how much there was. */
    int releaseAll(Random random) {
        List<JsonNode> held = cluster.untilListed("/api/conversations?status=HUMAN_HANDOFF&limit=500", random);
        for (JsonNode conversation : held) {
            command(
                    Cluster.SUPERVISOR,
                    conversation.path("id").asText(),
                    "release",
                    Api.json().put("reason", "the end"),
                    random);
        }
        return held.size();
    }

    private void work(String agent, String desk, Random random) {
        for (int round = 1; !stopped; round++) {
            List<JsonNode> mine =
                    cluster.untilListed("/api/conversations?status=HUMAN_HANDOFF&limit=50&agentId=" + agent, random);
            if (!mine.isEmpty() && random.nextInt(10) < 7) {
                workOn(one(mine, random), agent, desk + " round " + round, random);
            } else if (random.nextBoolean()) {
                List<JsonNode> waiting = cluster.untilListed("/api/queue", random);
                if (!waiting.isEmpty()) {
                    take(agent, one(waiting, random), "assign", random);
                }
            } else {
                List<JsonNode> withBot = cluster.untilListed("/api/conversations?status=PROGRESS&limit=50", random);
                if (!withBot.isEmpty()) {
                    take(agent, one(withBot, random), "takeover", random);
                }
            }
            LockSupport.parkNanos(Duration.ofMillis(random.nextInt(250)).toNanos());
        }
    }

    private void workOn(String conversation, String agent, String text, Random random) {
        int draw = random.nextInt(100);
        if (draw < 60) {
            Api.Answer answer =
                    command(agent, conversation, "messages", Api.json().put("text", text), random);
            if (answer.status() == 201) {
                answers.put(answer.body().path("id").asText(), text);
            }
        } else if (draw < 80) {
            command(agent, conversation, "release", Api.json().put("reason", "resolved"), random);
        } else if (draw < 90) {
            command(agent, conversation, "close", Api.json(), random);
        } else if (draw < 95) {
            command(agent, conversation, "transfer", Api.json().put("queue", "others"), random);
        } else {
            String other = Cluster.AGENTS.get(random.nextInt(Cluster.AGENTS.size()));
            command(agent, conversation, "transfer", Api.json().put("agentId", other), random);
        }
    }

    private void take(String agent, String conversation, String how, Random random) {
        Api.Answer answer = command(agent, conversation, how, Api.json(), random);
        if (answer.status() == 200) {
            Instant answeredAt = Instant.now();
            Set<String> inFlight = new HashSet<>();
            answer.body().path("inFlight").forEach(id -> inFlight.add(id.asText()));
            taken.add(
                    new Taken(conversation, answer.conversation().path("epoch").asLong(), inFlight, answeredAt));
        }
    }

    private Api.Answer command(String agent, String conversation, String command, ObjectNode body, Random random) {
        body.put("commandId", Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong()));
        Api.Answer answer =
                cluster.untilAnswered(agent, "/api/conversations/" + conversation + "/" + command, body, random);
        commands.incrementAndGet();
        if (answer.status() >= 400) {
            refused.incrementAndGet();
        }
        return answer;
    }

    private static String one(List<JsonNode> conversations, Random random) {
        return conversations
                .get(random.nextInt(conversations.size()))
                .path("id")
                .asText();
    }
}
