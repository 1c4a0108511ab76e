package dev.handoff.runner.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The runner's HTTP interface, as one agent uses it. */
final class Api {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final String baseUrl;
    private final String token;
    private final Duration patience;

    /** What the runner answered; the body is a missing node where it is not JSON. */
    record Answer(int status, JsonNode body, String text) {
        JsonNode conversation() {
            return body.path("conversation");
        }
    }

    Api(String baseUrl, String token) {
        this(baseUrl, token, Duration.ofSeconds(20));
    }

    /** For callers who go elsewhere when an answer takes longer than this. */
    Api(String baseUrl, String token, Duration patience) {
        this.baseUrl = baseUrl;
        this.token = token;
        this.patience = patience;
    }

    Answer get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    Answer post(String path, ObjectNode body) {
        try {
            return send(request(path)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** A command on a conversation, without body. */
    Answer command(String conversationId, String command) {
        return post("/api/conversations/" + conversationId + "/" + command, json());
    }

    Answer answer(String conversationId, String text) {
        return post("/api/conversations/" + conversationId + "/messages", json().put("text", text));
    }

    /** The customer's conversations, latest first. */
    List<JsonNode> conversationsOf(String customer) {
        return items("/api/conversations?customer=" + URLEncoder.encode(customer, StandardCharsets.UTF_8));
    }

    /** The customer's latest conversation. */
    JsonNode conversationOf(String customer) {
        List<JsonNode> all = conversationsOf(customer);
        return all.isEmpty() ? MissingNode.getInstance() : all.get(0);
    }

    /** The whole history, however long. */
    List<JsonNode> messages(String conversationId) {
        List<JsonNode> messages = new ArrayList<>();
        while (true) {
            List<JsonNode> page =
                    items("/api/conversations/" + conversationId + "/messages?limit=1000&after=" + messages.size());
            if (page.isEmpty()) {
                return messages;
            }
            messages.addAll(page);
        }
    }

    /** Every event of a conversation that the feed tells. */
    List<JsonNode> events(String conversationId) {
        List<JsonNode> events = new ArrayList<>();
        long cursor = 0;
        while (true) {
            List<JsonNode> page = items("/api/events?limit=500&after=" + cursor);
            if (page.isEmpty()) {
                return events;
            }
            page.stream()
                    .filter(event ->
                            conversationId.equals(event.path("conversationId").asText()))
                    .forEach(events::add);
            cursor = page.get(page.size() - 1).path("cursor").asLong();
        }
    }

    static ObjectNode json() {
        return JSON.createObjectNode();
    }

    List<JsonNode> items(String path) {
        try {
            Answer answer = get(path);
            if (answer.status() != 200) {
                throw new IllegalStateException(path + " answered " + answer.status() + ": " + answer.text());
            }
            List<JsonNode> items = new ArrayList<>();
            answer.body().path("items").forEach(items::add);
            return items;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(baseUrl + path)).timeout(patience);
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    private static Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        String type = response.headers().firstValue("Content-Type").orElse("");
        JsonNode body = type.contains("json") ? JSON.readTree(response.body()) : MissingNode.getInstance();
        return new Answer(response.statusCode(), body, response.body());
    }
}
