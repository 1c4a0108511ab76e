package dev.handoff.runner;

import static dev.handoff.runner.Service.ANA;
import static dev.handoff.runner.Service.BIA;
import static dev.handoff.runner.Service.SAM;
import static dev.handoff.runner.Service.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.runner.Service.Answer;
import dev.handoff.runner.settings.RunnerSettings.DatabaseAddress;
import dev.handoff.runner.storage.JdbcStorage;
import dev.handoff.testkit.Fuzz;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is sent to the running service is answered, and what is refused says why. With the database that the process
 * uses by default, since that has its own idea of what can be read and stored.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class FuzzTest {
    private static final int HEAP_MB = 80;
    private static final int LARGEST_BODY = 256 * 1024;
    private static final int PATIENCE_MILLIS = 60_000;
    private static final Set<Integer> REFUSALS = Set.of(400, 401, 403, 404, 405, 409, 413, 414, 422, 429, 431);

    /** Jetty's answers to HTTP that is not ours to speak: they say that the request is wrong, not that we are. */
    private static final Set<Integer> NOT_OUR_HTTP = Set.of(408, 411, 415, 417, 426, 501, 505);

    private static final Pattern STATUS = Pattern.compile("(?s)HTTP/1\\.1 (\\d{3}) .*");

    @TempDir
    Path folder;

    private Service service;

    @BeforeEach
    void start() {
        // H2's page cache would take a sixteenth of the heap, and look like a leak until it has.
        String url = "jdbc:h2:file:" + folder.resolve("handoff") + ";CACHE_SIZE=8192";
        service = Service.listening(new JdbcStorage(new DatabaseAddress(url, "sa", "")));
        service.serve();
    }

    @AfterEach
    void stop() {
        service.close();
    }

    @Test
    void json_commands() {
        String[] conversations = {
            service.says(Service.newCustomer(), "oi"), service.waiting(), service.heldBy(ANA), service.heldBy(SAM)
        };
        Fuzz.inThisProcess("JSON commands")
                .corpus(
                        "handoff\n{\"reason\":\"r\",\"summary\":\"s\",\"queue\":\"q\",\"priority\":1,\"skills\":[\"a\"]}",
                        "handoff\n{\"priority\":2147483648}",
                        "assign\n{}",
                        "assign\n{\"agentId\":\"bia\",\"epoch\":1,\"commandId\":\"c1\"}",
                        "takeover\n",
                        "takeover\n{\"epoch\":9223372036854775807}",
                        "transfer\n{\"agentId\":\"bia\",\"note\":\"n\"}",
                        "transfer\n{\"queue\":\"q\",\"note\":\"n\"}",
                        "release\n{\"reason\":\"resolved\",\"summary\":\"s\",\"commandId\":\"c2\"}",
                        "close\n{\"reason\":\"done\"}",
                        "messages\n{\"text\":\"Oi, Maria!\",\"commandId\":\"c3\",\"epoch\":2}",
                        "messages\n{\"mediaUrls\":[\"https://a.example/1.png\",\"http://[::1]/\"]}",
                        "messages\n{\"template\":{\"contentSid\":\"HX1\",\"variables\":{\"1\":\"a\",\"2\":2,\"3\":true}}}",
                        "messages\n{\"text\":\"\\ud800\\u0000 \\udc00\"}",
                        "notes\n{\"text\":\"note\",\"x\":{\"y\":[null,1e999,-0,{}]}}",
                        "simulator\n{\"from\":\"whatsapp:+5511987654321\",\"text\":\"quero falar com um atendente\"}",
                        "simulator\n{\"from\":\"\\u0000\",\"text\":\"\",\"profileName\":\"\\ud83d\\ude00\"}",
                        "me\n{\"availability\":\"away\"}",
                        "me\n{\"availability\":\"available\"}",
                        "retry\n",
                        "notes\n{\"text\":\"a\",\"text\":\"b\"}",
                        "notes\n{\"text\":\"a\"} {}",
                        "notes\n\ufeff{\"text\":\"a\"}",
                        "notes\n[1]",
                        "notes\n" + "[".repeat(2_000),
                        "notes\n{\"x\":" + "9".repeat(2_000) + "}",
                        "notes\n{\"text\":\"" + "y".repeat(LARGEST_BODY) + "\"}",
                        "simulator\n{\"from\":\"c\",\"text\":\"" + "human ".repeat(40_000) + "\"}",
                        "simulator\n{\"from\":\"" + "c".repeat(100_000) + "\",\"text\":\"oi\"}",
                        "handoff\n{\"reason\":\"" + "r".repeat(100_000) + "\"}")
                .words(
                        "\"text\":",
                        "\"queue\":",
                        "\"reason\":",
                        "\"commandId\":",
                        "\"epoch\":",
                        "\"agentId\":",
                        "humano")
                .longest(LARGEST_BODY + 1_000)
                .mostGrowth(HEAP_MB)
                .inputs(500)
                .run((input, choices) -> {
                    int which = choices.nextInt(conversations.length);
                    String id = conversations[which];
                    int end = indexOf(input, '\n', 0);
                    String command = text(Arrays.copyOf(input, end));
                    byte[] body = Arrays.copyOfRange(input, Math.min(input.length, end + 1), input.length);
                    Answer answer = command(token(choices), id, command, body);

                    checkAnswer(answer.status(), answer.contentType(), answer.text());
                    if (body.length > LARGEST_BODY) {
                        assertThat(answer.status()).isIn(413, 429);
                    } else if (!isBlank(body) && !isJsonObject(body) && takesBody(command)) {
                        assertThat(answer.status()).isIn(400, 429);
                    }
                    if (answer.status() == 409 || answer.status() == 422) {
                        assertThat(answer.conversation().path("id").asText()).isEqualTo(id);
                    }
                    if (answer.status() == 200
                            && answer.conversation().path("closedAt").isTextual()) {
                        conversations[which] = service.waiting();
                    }
                });
        everythingCanBeReadAgain();
    }

    @Test
    void ids_cursors_and_other_parameters() {
        String id = service.heldBy(ANA);
        service.waiting();
        String[] seconds = {"1970-01-01T00:00:00Z", "+999999999-12-31T23:59:59Z", "-999999999-01-01T00:00:00Z"};
        List<String> cursors = Arrays.stream(seconds)
                .flatMap(time -> java.util.stream.Stream.of(
                        "GET /api/conversations?cursor={b64:" + time + " " + id + "}",
                        "GET /api/conversations?limit=1&cursor={b64:" + time + " 1-1-1-1-1}"))
                .toList();
        Fuzz.inThisProcess("ids and cursors")
                .corpus(cursors.toArray(String[]::new))
                .corpus(
                        "GET /api/conversations?status=PROGRESS&phase=ASSIGNED&agentId=ana&customer=c&limit=1",
                        "GET /api/conversations?cursor={b64:}&limit=9223372036854775807",
                        "GET /api/conversations/{id}",
                        "GET /api/conversations/{id}/messages?after=0&limit=1000",
                        "GET /api/conversations/{id}/messages?after=9223372036854775807",
                        "GET /api/conversations/{id}%00/messages",
                        "GET /api/conversations/%2e%2e%2f{id}",
                        "GET /api/conversations//{id};x=y",
                        "POST /api/conversations/{id}/notes?x=%zz",
                        "POST /api/conversations/1-1-1-1-1/close",
                        "GET /api/queue?queue=default",
                        "GET /api/queue?queue=%00&queue=%ED%A0%80",
                        "GET /api/agents/me",
                        "DELETE /api/agents/me",
                        "GET /api/outbound/dead?limit=2147483648",
                        "POST /api/outbound/{id}.1/retry",
                        "POST /api/outbound/{id}.999999999999999999/retry",
                        "POST /api/outbound/{id}.9223372036854775808/retry",
                        "GET /api/events?after=0&limit=1",
                        "GET /api/events?after=9223372036854775807&limit=%D9%A1",
                        "GET /simulator/messages?from=whatsapp:%2B5511987654321",
                        "GET /ws/events?after=0&ticket={ticket}",
                        "GET /metrics?x",
                        "GET /readyz",
                        "GET /openapi.yaml",
                        "GET /assets/console.css",
                        "GET /assets/..%2f..%2findex.html",
                        "OPTIONS *",
                        "GET http://[/api/queue",
                        "GET /%",
                        "GET /api/queue?" + "a=b&".repeat(3_000))
                .words(
                        "after=",
                        "limit=",
                        "cursor=",
                        "{id}",
                        "{b64:",
                        "}",
                        "/api/conversations/",
                        "+",
                        "T",
                        "Z",
                        "ticket=")
                .longest(10_000)
                .mostGrowth(HEAP_MB)
                .inputs(500)
                .run((input, choices) -> {
                    String[] words = bytesAsText(input).replace("{id}", id).split(" ", 2);
                    boolean known =
                            Set.of("GET", "POST", "PUT", "DELETE", "OPTIONS").contains(words[0]);
                    String target = withCursors(words[words.length - 1])
                            .replace("{ticket}", ticket())
                            .replaceAll("[\\r\\n]", "%0A");
                    RawAnswer answer = exchange(bytes((known ? words[0] : "GET") + " " + target + " HTTP/1.1\r\n"
                            + "Host: localhost\r\nConnection: close\r\nAuthorization: Bearer " + token(choices)
                            + "\r\nContent-Length: 0\r\n\r\n"));

                    assertThat(answer).as("an answer").isNotNull();
                    checkAnswer(answer.status(), answer.contentType(), answer.body());
                });
    }

    @Test
    void websockets() {
        String head = "GET /ws/events?after=0&ticket={ticket} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        String text = "\u0081\u0083\0\0\0\0abc";
        String close = "\u0088\u0082\0\0\0\0\u0003\u00e8";
        service.waiting();
        Fuzz.inThisProcess("WebSockets")
                .corpus(List.of(
                        bytes(head + "\r\n" + close),
                        bytes(head + "\r\n" + text + text + close),
                        bytes(head + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
                                + "\u00c1\u0087\0\0\0\0\u00f2\u0048\u00cd\u00c9\u00c9\u0007\0" + close),
                        bytes(head + "Sec-WebSocket-Extensions: permessage-deflate; c; 0_max_window_bits\r\n\r\n"
                                + close),
                        bytes(head + "Sec-WebSocket-Protocol: a, b\r\nOrigin: https://evil.example\r\n\r\n" + close),
                        bytes(head + "\r\n\u0001\u0083\0\0\0\0abc\u0080\u0080\0\0\0\0" + close),
                        bytes(head + "\r\n\u0089\u0084\1\2\3\4ping\u008a\u0080\0\0\0\0" + close),
                        bytes(head + "\r\n\u0082\u00fe\u0010\u0001\0\0\0\0" + "z".repeat(4_097) + close),
                        bytes(head + "\r\n\u0081\u00ff\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\0\0\0\0"),
                        bytes(head + "\r\n\u0081\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\0\0\0\0"),
                        bytes(head + "\r\n\u0081\u0003abc"),
                        bytes(head + "\r\n\u0081\u0082\0\0\0\0\u00c3\u0028" + close),
                        bytes(head + "\r\n\u0088\u0081\0\0\0\0a"),
                        bytes(head + "\r\n\u0088\u0082\0\0\0\0\u0003\u00ed"),
                        bytes(head + "\r\n\u0089\u00fe\u0001\0\0\0\0\0" + "p".repeat(256)),
                        bytes(head + "\r\n\u00f1\u0080\0\0\0\0"),
                        bytes(head + "\r\n"),
                        bytes("GET /ws/events?ticket=x HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                        bytes(
                                "GET /ws/events HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
                        bytes(head.replace("13", "8") + "\r\n"),
                        bytes(head.replace("dGhlIHNhbXBsZSBub25jZQ==", "x") + "\r\n"),
                        bytes(head.replace("GET", "POST") + "Content-Length: 5\r\n\r\nabc"),
                        bytes(head.replace("HTTP/1.1", "HTTP/1.0") + "\r\n"),
                        bytes(head.replace("after=0", "after=-1") + "\r\n"),
                        bytes(head.replace("after=0", "after=0&x=%B4\u00CCr") + "\r\n"),
                        bytes(head.replace("after=0", "after=0&x=|\"<^") + "\r\n"),
                        bytes(head.replace("GET ", "GET gopher:") + "\r\n"),
                        bytes(head + "Transfer-Encoding: chunked\r\n\r\n5\r\nabc")))
                .words(
                        "\r\n\r\n",
                        "Sec-WebSocket-Key: ",
                        "Upgrade: websocket\r\n",
                        "after=9223372036854775807",
                        "{ticket}")
                .longest(6_000)
                .mostGrowth(HEAP_MB)
                .inputs(500)
                .run((input, choices) -> {
                    String request = bytesAsText(input);
                    RawAnswer answer = exchange(bytes(request.replace("{ticket}", ticket())));

                    if (answer == null) {
                        // Empty lines before a request are none (RFC 9112, 2.2).
                        assertThat(request.replaceFirst("^[\r\n]+", ""))
                                .as("without an answer")
                                .doesNotContain("\r\n\r\n", "\n\n");
                    } else if (answer.status() != 101) {
                        checkAnswer(answer.status(), answer.contentType(), answer.body());
                    }
                });
        assertThat(await(() -> listeners(), "0"::equals)).isEqualTo("0");
    }

    // What must hold.

    private static void checkAnswer(int status, String contentType, String body) {
        if (status < 400) {
            // Jetty sends whoever asks for no path at all to the root.
            assertThat(status).isIn(200, 201, 202, 204, 101, 301);
            if (contentType.startsWith("application/json")) {
                json(body);
            }
            return;
        }
        assertThat(REFUSALS.contains(status) || NOT_OUR_HTTP.contains(status))
                .as("%s %s", status, body)
                .isTrue();
        assertThat(contentType).as(status + body).startsWith("application/problem+json");
        JsonNode problem = json(body);
        assertThat(problem.path("status").asInt()).as(body).isEqualTo(status);
        assertThat(problem.path("type").asText()).startsWith("urn:handoff:problem:");
        assertThat(problem.path("detail").asText("")).isNotBlank();
    }

    private void everythingCanBeReadAgain() {
        String cursor = "";
        do {
            Answer page = service.get(ANA, "/api/conversations?limit=100&cursor=" + cursor);
            assertThat(page.status()).as(page.text()).isEqualTo(200);
            for (JsonNode conversation : page.items()) {
                String path = "/api/conversations/" + conversation.get("id").asText();
                assertThat(service.get(ANA, path).status()).isEqualTo(200);
                everyMessageCanBeReadAgain(path + "/messages?limit=1000&after=");
            }
            cursor = page.field("nextCursor");
        } while (cursor != null);
        long after = 0;
        JsonNode events;
        do {
            Answer page = service.get(ANA, "/api/events?after=" + after);
            events = page.items();
            after = page.json().get("cursor").asLong();
        } while (!events.isEmpty());
    }

    private void everyMessageCanBeReadAgain(String path) {
        long read = 0;
        JsonNode messages;
        do {
            messages = service.get(ANA, path + read).items();
            read += messages.size();
            assertThat(
                            messages.isEmpty()
                                    ? read
                                    : messages.get(messages.size() - 1)
                                            .get("seq")
                                            .asLong())
                    .isEqualTo(read);
        } while (!messages.isEmpty());
        assertThat(read).isPositive();
    }

    private String listeners() {
        Matcher gauge = Pattern.compile("(?m)^handoff_feed_listeners (\\S+)$")
                .matcher(service.get(ANA, "/metrics").text());
        assertThat(gauge.find()).isTrue();
        return String.valueOf((int) Double.parseDouble(gauge.group(1)));
    }

    // How it is sent.

    private Answer command(String token, String id, String command, byte[] body) {
        HttpRequest.BodyPublisher bytes = HttpRequest.BodyPublishers.ofByteArray(body);
        return switch (command) {
            case "simulator" ->
                Service.send(service.request(token, "/simulator/messages").POST(bytes));
            case "me" -> Service.send(service.request(token, "/api/agents/me").PUT(bytes));
            case "retry" ->
                Service.send(service.request(token, "/api/outbound/" + id + ".1/retry")
                        .POST(bytes));
            default ->
                Service.send(service.request(token, "/api/conversations/" + id + "/" + known(command))
                        .POST(bytes));
        };
    }

    private static String known(String command) {
        List<String> all =
                List.of("handoff", "assign", "takeover", "transfer", "release", "close", "messages", "notes");
        return all.contains(command) ? command : all.get(Math.floorMod(command.hashCode(), all.size()));
    }

    private static boolean takesBody(String command) {
        return !command.equals("retry");
    }

    private static String token(RandomGenerator choices) {
        return List.of(ANA, SAM, SAM, BIA).get(choices.nextInt(4));
    }

    /** On a connection of its own: a client that keeps some may find that one of them has just been closed. */
    private String ticket() throws IOException {
        RawAnswer answer = exchange(bytes("POST /api/ws-ticket HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Authorization: Bearer " + ANA + "\r\nContent-Length: 0\r\n\r\n"));
        assertThat(answer).as("a ticket").isNotNull();
        return json(answer.body()).path("ticket").asText();
    }

    private static String withCursors(String target) {
        return Pattern.compile("(?s)\\{b64:([^}]*)}")
                .matcher(target)
                .replaceAll(found -> Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(found.group(1))));
    }

    private record RawAnswer(int status, String contentType, String body) {}

    /** Sends bytes, closes its side, and reads to the end. Null when there was no answer. */
    private @Nullable RawAnswer exchange(byte[] request) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(request);
            socket.shutdownOutput();
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[8_192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                received.write(buffer, 0, n);
            }
        } catch (SocketException e) {
            // Closed while some of what was sent was still unread: what had been answered before is what counts.
        }
        String answer = received.toString(StandardCharsets.ISO_8859_1);
        Matcher status = STATUS.matcher(answer);
        if (!status.matches()) {
            assertThat(answer).isEmpty();
            return null;
        }
        String[] parts = answer.split("\r\n\r\n", 2);
        Matcher type = Pattern.compile("(?i)\r\nContent-Type: ([^\r]*)").matcher(parts[0]);
        return new RawAnswer(
                Integer.parseInt(status.group(1)),
                type.find() ? type.group(1) : "",
                text(bytes(body(parts[0].toLowerCase(Locale.ROOT), parts[1]))));
    }

    /** The first answer's own; after a wrong request, Jetty may go on to answer what it takes for the next. */
    private static String body(String head, String rest) {
        if (head.contains("\r\ntransfer-encoding: chunked")) {
            String[] chunk = rest.split("\r\n", 2);
            int size = Integer.parseInt(chunk[0], 16);
            return size == 0 ? "" : chunk[1].substring(0, size) + body(head, chunk[1].substring(size + 2));
        }
        Matcher length = Pattern.compile("\r\ncontent-length: (\\d+)").matcher(head);
        return length.find() ? rest.substring(0, Integer.parseInt(length.group(1))) : rest;
    }

    private static boolean isJsonObject(byte[] body) {
        try {
            return Service.JSON.readTree(body) instanceof ObjectNode;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isBlank(byte[] body) {
        return bytesAsText(body).matches("[ \\t\\r\\n]*");
    }

    private static JsonNode json(String text) {
        try {
            return Service.JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    private static int indexOf(byte[] input, char wanted, int from) {
        int at = from;
        while (at < input.length && input[at] != wanted) {
            at++;
        }
        return at;
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }

    /** One character a byte, and back. */
    private static String bytesAsText(byte[] input) {
        return new String(input, StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
