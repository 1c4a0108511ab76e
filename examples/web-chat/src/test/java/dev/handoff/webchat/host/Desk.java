package dev.handoff.webchat.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.StreamSupport;

/** The agent with curl. */
final class Desk {
    static final String TOKEN = "a-token-for-ana-in-tests";

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port;

    Desk(int port) {
        this.port = port;
    }

    /** The open conversation of a customer, once there is one. */
    String conversationOf(String customer) {
        Await.until("a conversation of " + customer, () -> !find(customer).isEmpty());
        return find(customer);
    }

    private String find(String customer) {
        return StreamSupport.stream(json(get("/agent/conversations", TOKEN)).spliterator(), false)
                .filter(conversation -> conversation.path("customer").asText().equals(customer))
                .map(conversation -> conversation.path("id").asText())
                .findFirst()
                .orElse("");
    }

    void takesOver(String conversation) {
        command(conversation, "takeover", "");
    }

    void replies(String conversation, String text) {
        command(conversation, "reply", text);
    }

    void releases(String conversation) {
        command(conversation, "release", "");
    }

    void closes(String conversation) {
        command(conversation, "close", "");
    }

    int replyStatus(String conversation, String text) {
        return post("/agent/conversations/" + conversation + "/reply", text).statusCode();
    }

    HttpResponse<String> get(String path, String token) {
        return send(HttpRequest.newBuilder(uri(path)).header("Authorization", "Bearer " + token));
    }

    private void command(String conversation, String name, String body) {
        HttpResponse<String> answer = post("/agent/conversations/" + conversation + "/" + name, body);
        if (answer.statusCode() != 200) {
            throw new AssertionError(name + " was answered " + answer.statusCode() + ": " + answer.body());
        }
    }

    private HttpResponse<String> post(String path, String body) {
        return send(HttpRequest.newBuilder(uri(path))
                .header("Authorization", "Bearer " + TOKEN)
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static JsonNode json(HttpResponse<String> answer) {
        try {
            return new ObjectMapper().readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
