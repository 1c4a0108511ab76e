package dev.handoff.runner;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.handoff.runner.settings.RunnerSettings;
import dev.handoff.runner.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** The whole service in this process on a free port, and a client for it. */
final class Service implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();
    static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private static final int MOST_ATTEMPTS = 10;
    static final String ANA = "token-of-ana-0123456789";
    static final String BIA = "token-of-bia-0123456789";
    static final String SAM = "token-of-sam-0123456789";
    static final String EVA = "token-of-eva-0123456789";

    private static final AtomicInteger CUSTOMERS = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Runner runner;

    private Service(Runner runner) {
        this.runner = runner;
    }

    /** With agents ana and bia, supervisor sam and admin eva; settings come in pairs of name and value. */
    static Service start(String... settings) {
        Service service = listening(new MemoryStorage(), settings);
        service.runner.serve();
        return service;
    }

    /** It listens, and waits for {@link #serve}. */
    static Service listening(Storage storage, String... settings) {
        Runner runner = new Runner(RunnerSettings.from(environment(settings)), storage);
        runner.listen();
        return new Service(runner);
    }

    static Map<String, String> environment(String... settings) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("HANDOFF_PORT", "0");
        environment.put(
                "HANDOFF_AGENTS",
                "ana:agent:" + ANA + ",bia:agent:" + BIA + ",sam:supervisor:" + SAM + ",eva:admin:" + EVA);
        for (int i = 0; i < settings.length; i += 2) {
            environment.put(settings[i], settings[i + 1]);
        }
        return environment;
    }

    /** Waits for a database that is slow to open, as the process does. */
    void serve() {
        for (int attempt = 1; ; attempt++) {
            try {
                runner.serve();
                return;
            } catch (Storage.NotYetException notYet) {
                if (attempt == MOST_ATTEMPTS) {
                    throw notYet;
                }
            }
        }
    }

    String url() {
        return "http://127.0.0.1:" + runner.port();
    }

    int port() {
        return runner.port();
    }

    @Override
    public void close() {
        runner.close();
    }

    /** An answer, with its body as JSON where it is JSON. */
    record Answer(int status, HttpHeaders headers, String text) {
        String contentType() {
            return header("Content-Type").orElse("");
        }

        Optional<String> header(String name) {
            return headers.firstValue(name);
        }

        JsonNode json() {
            try {
                return JSON.readTree(text);
            } catch (JsonProcessingException e) {
                throw new AssertionError("not JSON: " + text, e);
            }
        }

        JsonNode items() {
            return json().get("items");
        }

        String field(String name) {
            return json().path(name).asText(null);
        }

        JsonNode conversation() {
            return json().path("conversation");
        }
    }

    Answer get(String token, String path) {
        return send(request(token, path).GET());
    }

    /** Asks for a path to the letter, also for one that is no URI. */
    Answer getRaw(String token, String path) {
        String request = "GET " + path + " HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String[] parts = answer.split("\r\n\r\n", 2);
            String[] head = parts[0].split("\r\n");
            Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (String line : List.of(head).subList(1, head.length)) {
                headers.put(line.split(": ", 2)[0], List.of(line.split(": ", 2)[1]));
            }
            int status = Integer.parseInt(head[0].split(" ")[1]);
            return new Answer(status, HttpHeaders.of(headers, (name, value) -> true), parts[1]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Answer post(String token, String path, String body) {
        return send(request(token, path).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    Answer put(String token, String path, String body) {
        return send(request(token, path).PUT(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpRequest.Builder request(String token, String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url() + path)).timeout(Duration.ofSeconds(20));
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    static Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A customer whom nobody has met before. */
    static String newCustomer() {
        return "whatsapp:+55119" + (90_000_000 + CUSTOMERS.incrementAndGet());
    }

    /** The customer says something through the simulator; returns the conversation's id. */
    String says(String customer, String text) {
        Answer answer = post(
                ANA,
                "/simulator/messages",
                JSON.createObjectNode().put("from", customer).put("text", text).toString());
        if (answer.status() != 202) {
            throw new AssertionError("the simulator answered " + answer.status() + " " + answer.text());
        }
        return answer.field("conversationId");
    }

    /** A new conversation that waits for an agent. */
    String waiting() {
        return says(newCustomer(), "quero falar com um atendente");
    }

    /** A new conversation that this agent holds. */
    String heldBy(String token) {
        String id = waiting();
        Answer taken = command(token, id, "assign", "{}");
        if (taken.status() != 200) {
            throw new AssertionError("not assigned: " + taken.text());
        }
        return id;
    }

    Answer command(String token, String conversation, String name, String body) {
        return post(token, "/api/conversations/" + conversation + "/" + name, body);
    }

    JsonNode conversation(String id) {
        return get(ANA, "/api/conversations/" + id).json();
    }

    JsonNode messages(String id) {
        return get(ANA, "/api/conversations/" + id + "/messages").items();
    }

    JsonNode seenBy(String customer) {
        return get(ANA, "/simulator/messages?from=" + encoded(customer)).items();
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Asks again and again until the answer is as wished, or time is over. */
    static <T> T await(java.util.function.Supplier<T> question, Predicate<T> wished) {
        long giveUp = System.nanoTime() + PATIENCE.toNanos();
        T answer = question.get();
        while (!wished.test(answer)) {
            if (System.nanoTime() > giveUp) {
                throw new AssertionError("after " + PATIENCE + " it was still " + answer);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(
                    Duration.ofMillis(10).toNanos());
            answer = question.get();
        }
        return answer;
    }
}
