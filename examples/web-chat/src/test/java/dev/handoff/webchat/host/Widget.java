package dev.handoff.webchat.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A visitor's tab without a browser: speaks the widget's language over a real socket, and remembers what it heard. */
final class Widget implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port;
    private final List<JsonNode> items = new CopyOnWriteArrayList<>();
    private final List<JsonNode> frames = new CopyOnWriteArrayList<>();
    private final Set<String> stored = ConcurrentHashMap.newKeySet();
    private final String secret;
    private volatile @Nullable Long cursor;
    private volatile WebSocket socket;
    private volatile CompletableFuture<Integer> closed;
    private volatile CompletableFuture<JsonNode> welcomed;

    private Widget(int port, String secret) {
        this.port = port;
        this.secret = secret;
    }

    /** A visitor who has never been here. */
    static Widget newVisitor(int port) {
        return new Widget(port, newSecret()).connect();
    }

    /** A tab that has nothing yet, of whoever has this secret. */
    static Widget withSecret(int port, String secret) {
        return new Widget(port, secret).connect();
    }

    /** A socket that has said nothing. */
    static Widget silent(int port) {
        Widget widget = new Widget(port, newSecret());
        widget.open("http://127.0.0.1:" + port);
        return widget;
    }

    /** The same tab, with a new socket. */
    Widget connect() {
        open("http://127.0.0.1:" + port);
        ObjectNode hello = MAPPER.createObjectNode().put("type", "hello").put("secret", secret);
        Long asked = cursor;
        if (asked != null) {
            hello.put("after", asked);
        }
        sends(hello.toString());
        JsonNode welcome = get(welcomed);
        long from = welcome.path("from").asLong();
        if (asked != null && asked != from) {
            throw new AssertionError("asked for what follows " + asked + " and was answered " + welcome);
        }
        return this;
    }

    /** Opens a socket as a page of this origin would. */
    void open(@Nullable String origin) {
        closed = new CompletableFuture<>();
        welcomed = new CompletableFuture<>();
        WebSocket.Builder builder = http.newWebSocketBuilder();
        if (origin != null) {
            builder.header("Origin", origin);
        }
        try {
            socket = get(builder.buildAsync(URI.create("ws://127.0.0.1:" + port + "/webchat/socket"), new Ear()));
        } catch (IllegalStateException nobodyThere) {
            closed.completeExceptionally(nobodyThere);
            throw nobodyThere;
        }
    }

    String secret() {
        return secret;
    }

    /** Under which address agents see this visitor. */
    String address() {
        return address(secret);
    }

    private static String newSecret() {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    /** Under which address agents see whoever has this secret. */
    static String address(String secret) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.US_ASCII));
            return "web:" + Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Says something, and does not wait for an answer. */
    String says(String text) {
        String id = UUID.randomUUID().toString();
        says(id, text);
        return id;
    }

    void says(String id, String text) {
        sends(MAPPER.createObjectNode()
                .put("type", "say")
                .put("id", id)
                .put("text", text)
                .toString());
    }

    /** Says something so long that the server may close the socket before all of it is written. */
    void saysInVain(String text) {
        try {
            says(text);
        } catch (IllegalStateException closedMeanwhile) {
            assertThat(closedMeanwhile).hasMessageContaining("closed");
        }
    }

    void shows(long place, boolean seen) {
        sends(MAPPER.createObjectNode()
                .put("type", "shown")
                .put("place", place)
                .put("seen", seen)
                .toString());
    }

    void sends(String frame) {
        get(socket.sendText(frame, true));
    }

    void sendsBytes() {
        get(socket.sendBinary(ByteBuffer.wrap(new byte[] {1, 2, 3}), true));
    }

    boolean isStored(String id) {
        return stored.contains(id);
    }

    /** All that was answered, but for the mailbox. */
    List<JsonNode> answers() {
        return frames;
    }

    /** What this tab shows: {@code from: text}. */
    List<String> shown() {
        return items.stream()
                .map(item ->
                        item.path("from").asText() + ": " + item.path("text").asText())
                .toList();
    }

    List<Long> places() {
        return items.stream().map(item -> item.path("place").asLong()).toList();
    }

    Widget hears(String line) {
        Await.until("'" + line + "' is heard, in " + shown(), () -> shown().contains(line));
        return this;
    }

    /** Whether the socket is closed, by whatever. */
    boolean isGone() {
        return closed.isDone();
    }

    /** With which code the server closed the socket. */
    int closeCode() {
        return get(closed);
    }

    /** The network goes away without a word. */
    void drop() {
        socket.abort();
    }

    @Override
    public void close() {
        socket.abort();
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(15, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the socket: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void hear(JsonNode frame) {
        switch (frame.path("type").asText()) {
            case "welcome" -> welcomed.complete(frame);
            case "messages" -> {
                List<JsonNode> more = new ArrayList<>();
                frame.path("items").forEach(more::add);
                items.addAll(more);
                cursor = more.get(more.size() - 1).path("place").asLong();
            }
            case "stored" -> stored.add(frame.path("id").asText());
            default -> frames.add(frame);
        }
    }

    private final class Ear implements WebSocket.Listener {
        private final StringBuilder part = new StringBuilder();
        private final CompletableFuture<Integer> end = closed;

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                try {
                    hear(MAPPER.readTree(part.toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                part.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            end.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            end.completeExceptionally(error);
        }
    }
}
