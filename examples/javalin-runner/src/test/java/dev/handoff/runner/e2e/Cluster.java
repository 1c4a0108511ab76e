package dev.handoff.runner.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.twilio.TwilioSignature;
import dev.handoff.twilio.testing.FakeTwilio;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Some runners over one database and one Twilio, each with wires of its own to both. Closing it ends everything that it
 * has started, whatever state that is in.
 */
final class Cluster implements AutoCloseable {
    static final List<String> AGENTS = List.of("ana", "bia", "eva");
    static final int CAPACITY = 4;
    static final String SUPERVISOR = "sam";

    private static final Duration PATIENCE = Duration.ofSeconds(4);
    private static final HttpClient WEBHOOKS = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    /** One of the runners, with what stands between it and the others. */
    record Node(String name, RunnerProcess runner, List<Wire> databases, Wire twilio) {
        /** The wire to the only server, or to the first. */
        Wire database() {
            return databases.get(0);
        }

        boolean isReady() {
            try {
                return runner.as("").get("/readyz").status() == 200;
            } catch (Exception notYet) {
                return false;
            }
        }
    }

    final FakeTwilio twilio;
    final List<Node> nodes = new ArrayList<>();

    /** Answers that no trouble explains, such as 500. */
    final Queue<String> oddAnswers = new ConcurrentLinkedQueue<>();

    /** What ended one of this test's own threads before its time. */
    final Queue<String> failures = new ConcurrentLinkedQueue<>();

    private final ClusterDatabase database;
    private final Thread atTheEnd = new Thread(this::endProcesses, "cluster end");

    /** The cluster closes the database with all else. */
    Cluster(int size, ClusterDatabase database) {
        this.database = database;
        twilio = FakeTwilio.start();
        Runtime.getRuntime().addShutdownHook(atTheEnd);
        try {
            database.create("cluster");
            for (int i = 1; i <= size; i++) {
                nodes.add(node("node" + i));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private Node node(String name) {
        List<Wire> databases = database.ports().stream().map(Wire::toPostgres).toList();
        Wire toTwilio = Wire.toHttp(URI.create(twilio.baseUrl()).getPort());
        Map<String, String> settings = new LinkedHashMap<>(RunnerProcess.besideTwilio(twilio));
        settings.put(
                "HANDOFF_AGENTS",
                AGENTS.stream().map(id -> id + ":agent:" + token(id)).collect(Collectors.joining(",")) + ","
                        + SUPERVISOR + ":supervisor:" + token(SUPERVISOR));
        settings.put("HANDOFF_JDBC_URL", jdbcUrl(databases));
        settings.put("HANDOFF_DB_USER", "postgres");
        settings.put("HANDOFF_DB_PASSWORD", "postgres");
        settings.put("TWILIO_API_BASE_URL", "http://127.0.0.1:" + toTwilio.port());
        settings.put("HANDOFF_AGENT_CAPACITY", Integer.toString(CAPACITY));
        settings.put("HANDOFF_WAIT_TIMEOUT", "PT20S");
        settings.put("HANDOFF_AGENT_TIMEOUT", "PT20S");
        settings.put("HANDOFF_UNKNOWN_WAIT", "PT0.5S");
        settings.put("HANDOFF_RETRY_BASE", "PT0.2S");
        settings.put("HANDOFF_OUTBOUND_MAX_ATTEMPTS", "100");
        settings.put("HANDOFF_SENDER_RATE", "1000");
        settings.put("HANDOFF_RECIPIENT_RATE", "100");
        settings.put("HANDOFF_BOT_DELAY", "PT0.05S");
        return new Node(name, RunnerProcess.begin(settings), databases, toTwilio);
    }

    private static String jdbcUrl(List<Wire> databases) {
        return databases.stream()
                .map(wire -> "127.0.0.1:" + wire.port())
                .collect(Collectors.joining(
                        ",",
                        "jdbc:postgresql://",
                        "/cluster" + (databases.size() > 1 ? "?targetServerType=primary" : "")));
    }

    /** Every node's wire to the database's server on this port. */
    List<Wire> wiresTo(int port) {
        int server = database.ports().indexOf(port);
        return nodes.stream().map(node -> node.databases().get(server)).toList();
    }

    interface Task {
        void run() throws InterruptedException;
    }

    /** Begins what goes on beside the test; it ends when it is interrupted, and how it fails is kept. */
    Thread start(String name, Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (InterruptedException stop) {
                        Thread.currentThread().interrupt();
                    } catch (RuntimeException | Error failed) {
                        if (!Thread.currentThread().isInterrupted()) {
                            failures.add(name + " failed: " + failed);
                        }
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    static String token(String agent) {
        return "token-of-" + agent + "-0000";
    }

    Node any(Random random) {
        return nodes.get(random.nextInt(nodes.size()));
    }

    Api as(String agent, Node node) {
        return new Api(node.runner().baseUrl(), token(agent), PATIENCE);
    }

    /** Twilio calls a webhook at that node, signed; true if it was answered 2xx. */
    boolean webhook(Node node, String path, Map<String, String> parameters) throws InterruptedException {
        String signed = RunnerProcess.PUBLIC_URL + path;
        Map<String, List<String>> form = new LinkedHashMap<>();
        parameters.forEach((name, value) -> form.put(name, List.of(value)));
        HttpRequest request = HttpRequest.newBuilder(URI.create(node.runner().baseUrl() + path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
                .header("X-Twilio-Signature", TwilioSignature.sign(twilio.authToken(), signed, form))
                .POST(HttpRequest.BodyPublishers.ofString(parameters.entrySet().stream()
                        .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
                        .collect(Collectors.joining("&"))))
                .build();
        try {
            HttpResponse<String> answer = WEBHOOKS.send(request, HttpResponse.BodyHandlers.ofString());
            note(node, path, answer.statusCode(), answer.body());
            return answer.statusCode() / 100 == 2;
        } catch (IOException troubled) {
            return false;
        }
    }

    /** Repeats a command under its id, at one node after the other, until one of them says yes or no. */
    Api.Answer untilAnswered(String agent, String path, ObjectNode body, Random random) {
        while (true) {
            Node node = any(random);
            try {
                Api.Answer answer = as(agent, node).post(path, body);
                note(node, path, answer.status(), answer.text());
                if (answer.status() < 500 && answer.status() != 429) {
                    return answer;
                }
            } catch (RuntimeException troubled) {
                if (Thread.currentThread().isInterrupted()) {
                    throw troubled;
                }
            }
            LockSupport.parkNanos(Duration.ofMillis(20 + random.nextInt(60)).toNanos());
        }
    }

    /** What a listing holds, page by page, asked at one node after the other until one answers. */
    List<JsonNode> untilListed(String path, Random random) {
        while (true) {
            try {
                return as(SUPERVISOR, any(random)).items(path);
            } catch (RuntimeException troubled) {
                if (Thread.currentThread().isInterrupted()) {
                    throw troubled;
                }
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
    }

    /** All conversations there are. */
    List<JsonNode> conversations() {
        try {
            List<JsonNode> all = new ArrayList<>();
            Api api = nodes.get(0).runner().as(token(SUPERVISOR));
            String cursor = "";
            while (true) {
                JsonNode page = api.get("/api/conversations?limit=500" + cursor).body();
                page.path("items").forEach(all::add);
                String next = page.path("nextCursor").asText("");
                if (next.isEmpty() || next.equals("null")) {
                    return all;
                }
                cursor = "&cursor=" + encode(next);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        endProcesses();
        for (Node node : nodes) {
            node.databases().forEach(Wire::close);
            node.twilio().close();
        }
        twilio.close();
        try {
            Runtime.getRuntime().removeShutdownHook(atTheEnd);
        } catch (IllegalStateException shuttingDown) {
            // then it is what called this
        }
    }

    private void endProcesses() {
        for (Node node : nodes) {
            node.runner().endForGood();
        }
        database.close();
    }

    private void note(Node node, String path, int status, String text) {
        if (status >= 500 && status != 503) {
            oddAnswers.add(node.name() + " answered " + status + " to " + path + ": " + text);
        }
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
