package dev.handoff.twilio.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.handoff.twilio.TwilioSettings;
import dev.handoff.twilio.TwilioSignature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.StringJoiner;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A Twilio on a loopback port, for tests: the part of its API that sends, lists and fetches messages, in the real wire
 * format, and signed webhooks and status callbacks. It records every request in the order of arrival and answers as
 * scripted. Thread-safe.
 *
 * <pre>{@code
 * try (FakeTwilio twilio = FakeTwilio.start()) {
 *     var channel = TwilioChannel.of(twilio.settings("https://bot.example.com").build());
 *     twilio.answers(Answer.status(429).retryAfter(2));
 *     …
 *     twilio.awaitMessages(1, Duration.ofSeconds(5));
 * }
 * }</pre>
 */
public final class FakeTwilio implements AutoCloseable {

    /** The account of {@link #start()}. */
    public static final String ACCOUNT_SID = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /** The auth token of {@link #start()}. */
    public static final String AUTH_TOKEN = "0123456789abcdef0123456789abcdef";

    /**
     * One request to the API.
     *
     * @param at when it had arrived in full
     * @param target path and raw query
     * @param headers by lower-case name
     * @param form the decoded parameters of the body
     */
    public record Recorded(
            Instant at, String method, String target, Map<String, String> headers, Map<String, List<String>> form) {

        /** The first value of that parameter; null if there is none. */
        public @Nullable String parameter(String name) {
            List<String> values = form.get(name);
            return values == null ? null : values.get(0);
        }
    }

    /** The host's answer to a webhook. */
    public record HostAnswer(int status, @Nullable String contentType, String body) {}

    /** One for all fakes: the JDK's client has a thread of its own, which on Java 17 nobody can end. */
    private static final HttpClient WEBHOOKS = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final String accountSid;
    private final String authToken;
    private final ObjectMapper json = new ObjectMapper();
    private final LoopbackServer server;

    // Everything below is guarded by this lock; awaiting tests are notified on it.
    private final Object lock = new Object();
    private final List<Recorded> requests = new ArrayList<>();
    private final Map<String, FakeMessage> messages = new LinkedHashMap<>();
    private final Queue<Answer> next = new ArrayDeque<>();
    private final Map<String, Queue<Answer>> nextTo = new HashMap<>();
    private Answer usual = Answer.accepted();
    private Answer listing = Answer.accepted();
    private String publicBase = "";
    private String actualBase = "";

    private FakeTwilio(int port, String accountSid, String authToken) {
        this.accountSid = accountSid;
        this.authToken = authToken;
        try {
            this.server = new LoopbackServer(port, this::answer);
        } catch (IOException e) {
            throw new UncheckedIOException("no fake of Twilio on port " + port + ": " + e.getMessage(), e);
        }
    }

    /** On a free port, with {@link #ACCOUNT_SID} and {@link #AUTH_TOKEN}. */
    public static FakeTwilio start() {
        return start(0, ACCOUNT_SID, AUTH_TOKEN);
    }

    /**
     * With an account and on a port that a host was configured with before.
     *
     * @param port 0 for a free one
     * @throws UncheckedIOException if the port is taken
     */
    public static FakeTwilio start(int port, String accountSid, String authToken) {
        return new FakeTwilio(port, accountSid, authToken);
    }

    /**
     * Settings that reach this fake, to be built or changed further.
     *
     * @param publicUrl the base URL of the host under test, which the fake's webhooks are signed for
     */
    public TwilioSettings.Builder settings(String publicUrl) {
        return TwilioSettings.builder()
                .accountSid(accountSid)
                .authTokens(authToken)
                .publicUrl(publicUrl)
                .apiBaseUrl(baseUrl());
    }

    /** What {@code TWILIO_API_BASE_URL} is set to. */
    public String baseUrl() {
        return "http://localhost:" + server.port();
    }

    /** The account that it plays ({@code AC…}). */
    public String accountSid() {
        return accountSid;
    }

    /** What requests are authenticated and webhooks signed with. */
    public String authToken() {
        return authToken;
    }

    /** Sign webhooks for {@code publicBase}, as Twilio would, but deliver them to {@code actualBase}. */
    public void reaches(String publicBase, String actualBase) {
        synchronized (lock) {
            this.publicBase = publicBase;
            this.actualBase = actualBase;
        }
    }

    /** The answers to the next sends, one each. */
    public void answers(Answer... answers) {
        synchronized (lock) {
            next.addAll(List.of(answers));
        }
    }

    /** The answers to the next sends to this recipient, one each; they go before {@link #answers}. */
    public void answersTo(String recipient, Answer... answers) {
        synchronized (lock) {
            nextTo.computeIfAbsent(recipient, to -> new ArrayDeque<>()).addAll(List.of(answers));
        }
    }

    /** The answer to every send for which none is scripted. */
    public void answersAlways(Answer answer) {
        synchronized (lock) {
            usual = answer;
        }
    }

    /** The answer to every listing; {@link Answer#accepted()}, the default, gives the true list. */
    public void listsAlways(Answer answer) {
        synchronized (lock) {
            listing = answer;
        }
    }

    /** Every request, whatever became of it, in the order of arrival. */
    public List<Recorded> requests() {
        synchronized (lock) {
            return List.copyOf(requests);
        }
    }

    /** The requests to send, whatever became of them, in the order of arrival. */
    public List<Recorded> sendRequests() {
        return requests().stream()
                .filter(request -> request.method().equals("POST"))
                .toList();
    }

    /** What has been accepted from the host, in that order. */
    public List<FakeMessage> messages() {
        synchronized (lock) {
            return messages.values().stream()
                    .filter(message -> !message.isInbound())
                    .toList();
        }
    }

    /**
     * Waits until that many messages have been accepted.
     *
     * @throws AssertionError if they have not in time
     */
    public List<FakeMessage> awaitMessages(int count, Duration within) throws InterruptedException {
        long giveUp = System.nanoTime() + within.toNanos();
        synchronized (lock) {
            for (long left = within.toNanos(); messages().size() < count; left = giveUp - System.nanoTime()) {
                if (left <= 0) {
                    throw new AssertionError("after " + within + " "
                            + messages().size() + " of " + count + " messages had been accepted: " + messages());
                }
                lock.wait(left / 1_000_000 + 1);
            }
            return messages();
        }
    }

    /**
     * The message takes this status, and its status callback is called, if the send named one.
     *
     * @return the host's answer; null if no callback was named
     */
    public @Nullable HostAnswer deliver(String sid, String status) throws IOException, InterruptedException {
        return deliver(sid, status, null);
    }

    /** As {@link #deliver(String, String)}, with an error code such as 63016. */
    public @Nullable HostAnswer deliver(String sid, String status, @Nullable Integer errorCode)
            throws IOException, InterruptedException {
        FakeMessage message = becomes(sid, status, errorCode);
        String callback = message.statusCallback();
        return callback == null ? null : post(callback, message.callbackParameters(accountSid));
    }

    /** The message takes this status and nobody is told, as when a callback gets lost. */
    public FakeMessage becomes(String sid, String status, @Nullable Integer errorCode) {
        synchronized (lock) {
            FakeMessage message = messages.get(sid);
            if (message == null) {
                throw new IllegalArgumentException("there is no message " + sid);
            }
            FakeMessage changed = message.with(status, errorCode, Instant.now());
            messages.put(sid, changed);
            return changed;
        }
    }

    /** A customer writes: the webhook at {@code url} is called, signed. The message also appears in Twilio's list. */
    public HostAnswer customerWrites(String url, String from, String to, String text)
            throws IOException, InterruptedException {
        return post(url, inboundParameters(from, to, text));
    }

    /** The parameters of a new inbound message, to be changed at will and given to {@link #post}. */
    public Map<String, String> inboundParameters(String from, String to, String text) {
        return inboundParameters(from, to, text, 0);
    }

    /** As {@link #inboundParameters(String, String, String)}, of a message with so many pictures. */
    public Map<String, String> inboundParameters(String from, String to, String text, int pictures) {
        String sid = newSid(pictures == 0 ? "SM" : "MM");
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < pictures; i++) {
            urls.add(baseUrl() + "/2010-04-01/Accounts/" + accountSid + "/Messages/" + sid + "/Media/" + newSid("ME"));
        }
        FakeMessage message = FakeMessage.inbound(sid, from, to, text, urls, Instant.now());
        synchronized (lock) {
            messages.put(message.sid(), message);
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("SmsMessageSid", message.sid());
        parameters.put("NumMedia", String.valueOf(pictures));
        for (int i = 0; i < pictures; i++) {
            parameters.put("MediaUrl" + i, urls.get(i));
            parameters.put("MediaContentType" + i, "image/jpeg");
        }
        parameters.put("SmsSid", message.sid());
        parameters.put("SmsStatus", "received");
        parameters.put("Body", text);
        parameters.put("To", to);
        parameters.put("NumSegments", "1");
        parameters.put("MessageSid", message.sid());
        parameters.put("AccountSid", accountSid);
        parameters.put("From", from);
        parameters.put("ApiVersion", "2010-04-01");
        return parameters;
    }

    /**
     * Calls a webhook of the host with these parameters, signed with the account's token, once and whatever comes of it.
     *
     * @throws IOException if no answer begins within 15 s, Twilio's own patience
     */
    public HostAnswer post(String url, Map<String, String> parameters) throws IOException, InterruptedException {
        Map<String, List<String>> form = new LinkedHashMap<>();
        parameters.forEach((name, value) -> form.put(name, List.of(value)));
        return post(url, parameters, TwilioSignature.sign(authToken, url, form));
    }

    /** As {@link #post(String, Map)}, with a signature of the test's own. */
    public HostAnswer post(String url, Map<String, String> parameters, String signature)
            throws IOException, InterruptedException {
        String target = url;
        synchronized (lock) {
            if (!publicBase.isEmpty() && url.startsWith(publicBase)) {
                target = actualBase + url.substring(publicBase.length());
            }
        }
        int fragment = target.indexOf('#');
        HttpRequest request = HttpRequest.newBuilder(URI.create(fragment < 0 ? target : target.substring(0, fragment)))
                .timeout(Duration.ofSeconds(15))
                .header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
                .header("User-Agent", "TwilioProxy/1.1")
                .header("I-Twilio-Idempotency-Token", UUID.randomUUID().toString())
                .header("X-Twilio-Signature", signature)
                .POST(HttpRequest.BodyPublishers.ofString(encode(parameters)))
                .build();
        HttpResponse<String> response = WEBHOOKS.send(request, HttpResponse.BodyHandlers.ofString());
        return new HostAnswer(
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(null),
                response.body());
    }

    /** From now on connections are refused; those that were open are cut, its threads have ended, its port is free. */
    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the fake could not be closed", e);
        }
    }

    private LoopbackServer.@Nullable Reply answer(LoopbackServer.Request request) throws InterruptedException {
        Instant now = Instant.now();
        int query = request.target().indexOf('?');
        String path = query < 0 ? request.target() : request.target().substring(0, query);
        Map<String, List<String>> form = Map.of();
        MessageFilter filter = null;
        String unreadable = null;
        try {
            form = decode(new String(request.body(), StandardCharsets.UTF_8));
            filter = MessageFilter.of(decode(query < 0 ? "" : request.target().substring(query + 1)));
        } catch (IllegalArgumentException | DateTimeException e) {
            unreadable = String.valueOf(e.getMessage());
        }
        synchronized (lock) {
            requests.add(new Recorded(now, request.method(), request.target(), request.headers(), form));
        }
        String account = "/2010-04-01/Accounts/" + accountSid;
        if (!isAuthentic(request)) {
            return error(401, 20003, "Authenticate", null);
        }
        if (filter == null) {
            return error(400, 20001, "The request cannot be read: " + unreadable, null);
        }
        if (path.equals(account + "/Messages.json")) {
            return request.method().equals("POST") ? send(form, now) : list(path, filter);
        }
        if (path.startsWith(account + "/Messages/") && request.method().equals("GET")) {
            String[] names = path.substring((account + "/Messages/").length()).split("/", -1);
            synchronized (lock) {
                FakeMessage message = messages.get(names[0].replace(".json", ""));
                if (message != null && names.length == 1) {
                    return json(200, message.resource(accountSid));
                }
                if (message != null && names.length == 2 && names[1].equals("Media.json")) {
                    return json(200, message.files(accountSid));
                }
            }
        }
        return error(404, 20404, "The requested resource " + path + " was not found", null);
    }

    private boolean isAuthentic(LoopbackServer.Request request) {
        String expected = "Basic "
                + Base64.getEncoder().encodeToString((accountSid + ":" + authToken).getBytes(StandardCharsets.UTF_8));
        String given = String.valueOf(request.header("authorization"));
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    private LoopbackServer.@Nullable Reply send(Map<String, List<String>> form, Instant now)
            throws InterruptedException {
        String to = form.getOrDefault("To", List.of("")).get(0);
        Answer answer;
        FakeMessage message = null;
        synchronized (lock) {
            Queue<Answer> scripted = nextTo.getOrDefault(to, next);
            Answer scriptedAnswer = scripted.isEmpty() ? next.poll() : scripted.poll();
            answer = scriptedAnswer == null ? usual : scriptedAnswer;
            LoopbackServer.Reply refusal = answer.accepts ? refusal(form) : null;
            if (refusal != null) {
                return refusal;
            }
            if (answer.accepts) {
                boolean withMedia = form.containsKey("MediaUrl");
                message = FakeMessage.outbound(newSid(withMedia ? "MM" : "SM"), form, now);
                messages.put(message.sid(), message);
                lock.notifyAll();
            }
        }
        return reply(answer, 201, message == null ? null : message.resource(accountSid));
    }

    /** @param content what a success says; null if there is none */
    private LoopbackServer.@Nullable Reply reply(
            Answer answer, int success, @Nullable Map<String, @Nullable Object> content) throws InterruptedException {
        Thread.sleep(answer.delay.toMillis());
        return switch (answer.wire) {
            case CUT -> null;
            case UNREADABLE -> {
                LoopbackServer.Reply whole = json(success, content == null ? Map.of() : content);
                byte[] half = Arrays.copyOf(whole.body(), whole.body().length / 2);
                yield new LoopbackServer.Reply(success, whole.headers(), half);
            }
            case HTML ->
                new LoopbackServer.Reply(
                        answer.status,
                        Map.of("Content-Type", "text/html"),
                        "<html><body><h1>502 Bad Gateway</h1></body></html>".getBytes(StandardCharsets.UTF_8));
            case JSON ->
                answer.status / 100 == 2 && content != null
                        ? json(success, content)
                        : error(answer.status, answer.code, String.valueOf(answer.message), answer.retryAfterSeconds);
        };
    }

    /** What Twilio checks before it accepts a message. */
    private LoopbackServer.@Nullable Reply refusal(Map<String, List<String>> form) {
        String body = form.getOrDefault("Body", List.of("")).get(0);
        if (!form.containsKey("To")) {
            return error(400, 21604, "A 'To' phone number is required.", null);
        }
        if (!form.containsKey("From") && !form.containsKey("MessagingServiceSid")) {
            return error(400, 21603, "A 'From' phone number is required.", null);
        }
        if (body.isEmpty() && !form.containsKey("MediaUrl") && !form.containsKey("ContentSid")) {
            return error(400, 21602, "Message body is required.", null);
        }
        if (body.codePointCount(0, body.length()) > 1600) {
            return error(400, 21617, "The concatenated message body exceeds the 1600 character limit.", null);
        }
        String callback = form.getOrDefault("StatusCallback", List.of()).stream()
                .findFirst()
                .orElse(null);
        if (callback != null && !isWebAddress(callback)) {
            return error(400, 21609, "The 'StatusCallback' URL " + callback + " is not a valid URL.", null);
        }
        return null;
    }

    private static boolean isWebAddress(String url) {
        try {
            URI uri = new URI(url);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private LoopbackServer.@Nullable Reply list(String path, MessageFilter filter) throws InterruptedException {
        List<FakeMessage> found;
        Answer answer;
        synchronized (lock) {
            found = new ArrayList<>(messages.values());
            answer = listing;
        }
        Collections.reverse(found);
        found.removeIf(message -> !filter.takes(message));
        int size = filter.pageSize();
        int page = filter.page();
        int from = Math.min(found.size(), page * size);
        int to = Math.min(found.size(), from + size);
        Map<String, @Nullable Object> listed = new LinkedHashMap<>();
        listed.put(
                "messages",
                found.subList(from, to).stream()
                        .map(message -> message.resource(accountSid))
                        .toList());
        listed.put("page", page);
        listed.put("page_size", size);
        listed.put("start", from);
        listed.put("end", Math.max(from, to - 1));
        listed.put("uri", path + filter.query(page));
        listed.put("first_page_uri", path + filter.query(0));
        listed.put("previous_page_uri", page == 0 ? null : path + filter.query(page - 1));
        listed.put("next_page_uri", to < found.size() ? path + filter.query(page + 1) : null);
        return reply(answer, 200, answer.accepts ? listed : null);
    }

    private LoopbackServer.Reply error(int status, int code, String message, @Nullable Integer retryAfterSeconds) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("code", code);
        answer.put("message", message);
        answer.put("more_info", "https://www.twilio.com/docs/errors/" + code);
        answer.put("status", status);
        LoopbackServer.Reply reply = json(status, answer);
        if (retryAfterSeconds == null) {
            return reply;
        }
        Map<String, String> headers = new LinkedHashMap<>(reply.headers());
        headers.put("Retry-After", String.valueOf(retryAfterSeconds));
        return new LoopbackServer.Reply(status, headers, reply.body());
    }

    private LoopbackServer.Reply json(int status, Map<String, @Nullable Object> content) {
        try {
            return new LoopbackServer.Reply(
                    status, Map.of("Content-Type", "application/json"), json.writeValueAsBytes(content));
        } catch (IOException e) {
            throw new UncheckedIOException("maps of strings are always JSON", e);
        }
    }

    private static String newSid(String prefix) {
        return prefix + UUID.randomUUID().toString().replace("-", "");
    }

    static String encode(Map<String, String> parameters) {
        StringJoiner form = new StringJoiner("&");
        parameters.forEach((name, value) -> form.add(URLEncoder.encode(name, StandardCharsets.UTF_8) + "="
                + URLEncoder.encode(value, StandardCharsets.UTF_8)));
        return form.toString();
    }

    private static Map<String, List<String>> decode(String form) {
        Map<String, List<String>> decoded = new LinkedHashMap<>();
        Arrays.stream(form.split("&")).filter(pair -> !pair.isEmpty()).forEach(pair -> {
            int equals = pair.indexOf('=') < 0 ? pair.length() : pair.indexOf('=');
            String name = URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8);
            String value =
                    URLDecoder.decode(pair.substring(Math.min(pair.length(), equals + 1)), StandardCharsets.UTF_8);
            decoded.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
        });
        return decoded;
    }
}
