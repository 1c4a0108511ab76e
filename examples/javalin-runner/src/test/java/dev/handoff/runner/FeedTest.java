package dev.handoff.runner;

import static dev.handoff.runner.Service.ANA;
import static dev.handoff.runner.Service.await;
import static dev.handoff.runner.Service.newCustomer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FeedTest {
    private static Service service;

    @BeforeAll
    static void start() {
        service = Service.start();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void an_event_has_every_key_of_the_contract() {
        String id = service.waiting();

        JsonNode event =
                await(() -> eventsOf(id), events -> events.stream().anyMatch(e -> is(e, "handoff_requested"))).stream()
                        .filter(e -> is(e, "handoff_requested"))
                        .findFirst()
                        .orElseThrow();

        for (String key : List.of("cursor", "conversationId", "seq", "type", "actor", "at", "data")) {
            assertThat(event.has(key)).as(key).isTrue();
        }
        assertThat(event.get("data").get("from").asText()).isEqualTo("bot");
        assertThat(event.get("data").get("to").asText()).isEqualTo("queue");
        assertThat(event.get("data").get("reason").asText()).isEqualTo("customer_request");
    }

    @Test
    void I6_pages_join_without_gap_and_an_empty_page_ends() {
        service.waiting();
        List<Long> whole = new ArrayList<>();
        everything().forEach(event -> whole.add(event.get("cursor").asLong()));

        List<Long> joined = new ArrayList<>();
        long after = 0;
        while (true) {
            Service.Answer page = service.get(ANA, "/api/events?limit=3&after=" + after);
            if (page.items().isEmpty()) {
                assertThat(page.json().get("cursor").asLong()).isEqualTo(after);
                break;
            }
            page.items().forEach(event -> joined.add(event.get("cursor").asLong()));
            after = page.json().get("cursor").asLong();
        }

        assertThat(joined).startsWith(whole.toArray(Long[]::new)).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void a_page_after_the_largest_cursor_of_all_is_empty() {
        Service.Answer page = service.get(ANA, "/api/events?after=" + Long.MAX_VALUE);

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.items()).isEmpty();
        assertThat(page.json().get("cursor").asLong()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void delivery_updates_have_no_place_in_the_conversation() {
        String customer = newCustomer();
        String id = service.says(customer, "oi");

        List<JsonNode> events =
                await(() -> eventsOf(id), found -> found.stream().anyMatch(e -> is(e, "delivery_updated")));

        assertThat(events)
                .filteredOn(e -> is(e, "delivery_updated"))
                .allSatisfy(e -> assertThat(e.get("seq").isNull()).isTrue());
    }

    @Test
    void I6_a_websocket_resumes_from_its_cursor_with_nothing_lost_or_repeated() throws Exception {
        service.waiting();
        Listener first = new Listener();
        WebSocket socket = open(ticket(), 0, first);
        await(() -> first.frames.size(), count -> count >= 4);
        socket.abort();
        List<Long> heard = first.cursors(); // once: one more frame may come in while it is cut off
        long cursor = heard.get(heard.size() - 1);

        List<String> meanwhile = List.of(service.waiting(), service.waiting());
        Listener second = new Listener();
        WebSocket resumed = open(ticket(), cursor, second);
        String live = service.waiting();
        await(() -> second.conversations(), seen -> seen.contains(live) && seen.containsAll(meanwhile));
        int expected = await(() -> everything().size(), size -> heard.size() + second.frames.size() >= size);
        resumed.sendClose(WebSocket.NORMAL_CLOSURE, "done").join();

        List<Long> seen = new ArrayList<>(heard);
        seen.addAll(second.cursors());
        assertThat(seen).hasSizeGreaterThanOrEqualTo(expected).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void a_ticket_opens_one_websocket_only() {
        String ticket = ticket();
        open(ticket, 0, new Listener()).abort();

        assertThat(refusal(ticket)).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "made-up"})
    void without_a_known_ticket_there_is_no_websocket(String ticket) {
        assertThat(refusal(ticket)).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "after=-1, dGhlIHNhbXBsZSBub25jZQ==, 400", // what we refuse
        "ticket=made-up, dGhlIHNhbXBsZSBub25jZQ==, 401",
        "afte\"r=0, dGhlIHNhbXBsZSBub25jZQ==, 400", // no URI, on which Jetty fails
        "after=0&ticket={ticket}, , 400", // what Jetty refuses
    })
    void a_refused_handshake_says_why_and_leaves_no_session(String query, String key, int status) throws Exception {
        String head = "GET /ws/events?" + query.replace("{ticket}", ticket()) + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + (key == null ? "" : "Sec-WebSocket-Key: " + key + "\r\n") + "\r\n";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answer)
                    .startsWith("HTTP/1.1 " + status)
                    .contains("application/problem+json", "\"status\":" + status, "\"detail\":\"", "nosniff")
                    .doesNotContain("Set-Cookie");
        }
    }

    @Test
    void a_cursor_that_cannot_be_read_is_refused_before_the_ticket_is_spent() {
        String ticket = ticket();

        assertThatThrownBy(() -> open(ticket, -1, new Listener())).isInstanceOf(CompletionException.class);
        open(ticket, 0, new Listener()).abort();
    }

    @Test
    void many_listeners_see_the_same() {
        List<Listener> listeners = new ArrayList<>();
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Listener listener = new Listener();
            listeners.add(listener);
            sockets.add(open(ticket(), 0, listener));
        }
        String id = service.waiting();

        for (Listener listener : listeners) {
            await(listener::conversations, seen -> seen.contains(id));
        }
        sockets.forEach(WebSocket::abort);
    }

    private static String ticket() {
        Service.Answer answer = service.post(ANA, "/api/ws-ticket", "{}");
        assertThat(answer.status()).isEqualTo(201);
        return answer.field("ticket");
    }

    private static WebSocket open(String ticket, long after, Listener listener) {
        URI uri = URI.create("ws://127.0.0.1:" + service.port() + "/ws/events?ticket=" + ticket + "&after=" + after);
        return Service.HTTP.newWebSocketBuilder().buildAsync(uri, listener).join();
    }

    private static int refusal(String ticket) {
        try {
            open(ticket, 0, new Listener());
            throw new AssertionError("it opened");
        } catch (CompletionException e) {
            return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
        }
    }

    private static boolean is(JsonNode event, String type) {
        return event.get("type").asText().equals(type);
    }

    private static List<JsonNode> eventsOf(String conversation) {
        return everything().stream()
                .filter(e -> e.get("conversationId").asText().equals(conversation))
                .toList();
    }

    private static List<JsonNode> everything() {
        List<JsonNode> all = new ArrayList<>();
        JsonNode page;
        do {
            long after =
                    all.isEmpty() ? 0 : all.get(all.size() - 1).get("cursor").asLong();
            page = service.get(ANA, "/api/events?limit=1000&after=" + after).items();
            page.forEach(all::add);
        } while (!page.isEmpty());
        return all;
    }

    /** Collects frames, each one event. */
    private static final class Listener implements WebSocket.Listener {
        private final List<JsonNode> frames = new CopyOnWriteArrayList<>();
        private final StringBuilder frame = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            frame.append(data);
            if (last) {
                try {
                    frames.add(Service.JSON.readTree(frame.toString()));
                } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
                    throw new AssertionError("not one event: " + frame, e);
                }
                frame.setLength(0);
            }
            socket.request(1);
            return null;
        }

        List<Long> cursors() {
            return frames.stream().map(event -> event.get("cursor").asLong()).toList();
        }

        List<String> conversations() {
            return frames.stream()
                    .map(event -> event.get("conversationId").asText())
                    .distinct()
                    .toList();
        }
    }
}
