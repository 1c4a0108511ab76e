package dev.handoff.customer;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.handoff.twilio.TwilioRequest;
import dev.handoff.twilio.TwilioSettings;
import dev.handoff.twilio.TwilioWebhook;
import dev.handoff.twilio.TwilioWebhooks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A host on a free loopback port that keeps the webhooks' contract, verifies every signature, and may be told to break it. */
final class LoopbackHost implements AutoCloseable {

    static final String ACCOUNT = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static final String TOKEN = "0123456789abcdef0123456789abcdef";

    record Reply(int status, @Nullable String contentType, String body) {}

    /** How this host differs from the contract; null where it does not. */
    interface Misbehaviour {
        @Nullable
        Reply instead(HttpExchange exchange, TwilioWebhook webhook);
    }

    /** What was believed, in the order of arrival. */
    final List<TwilioWebhook> believed = new CopyOnWriteArrayList<>();

    /** What was refused, in the order of arrival. */
    final List<TwilioWebhook.Refused> refused = new CopyOnWriteArrayList<>();

    /** When set, every text is answered over this API. */
    volatile @Nullable String apiBaseUrl;

    volatile Misbehaviour misbehaviour = (exchange, webhook) -> null;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final String publicBase;
    private final TwilioWebhooks webhooks;

    private LoopbackHost(@Nullable String publicBase) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        this.publicBase = publicBase == null ? actualBase() : publicBase;
        webhooks = TwilioWebhooks.of(TwilioSettings.builder()
                .accountSid(ACCOUNT)
                .authTokens(TOKEN)
                .publicUrl(this.publicBase)
                .build());
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    static LoopbackHost start() throws IOException {
        return new LoopbackHost(null);
    }

    static LoopbackHost behindProxy(String publicBase) throws IOException {
        return new LoopbackHost(publicBase);
    }

    String url() {
        return actualBase() + "/webhooks/twilio";
    }

    List<TwilioWebhook.Inbound> messages() {
        return believed.stream()
                .filter(TwilioWebhook.Inbound.class::isInstance)
                .map(TwilioWebhook.Inbound.class::cast)
                .toList();
    }

    List<TwilioWebhook.Status> statuses() {
        return believed.stream()
                .filter(TwilioWebhook.Status.class::isInstance)
                .map(TwilioWebhook.Status.class::cast)
                .toList();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private String actualBase() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        TwilioWebhook webhook = webhooks.verifyAndParse(new TwilioRequest(
                publicBase + exchange.getRequestURI(),
                exchange.getRequestBody().readAllBytes(),
                exchange.getRequestHeaders().getFirst("Content-Type"),
                exchange.getRequestHeaders().getFirst("X-Twilio-Signature")));
        Reply reply = misbehaviour.instead(exchange, webhook);
        reply = reply == null ? rightReply(webhook) : reply;
        if (reply.contentType() != null) {
            exchange.getResponseHeaders().set("Content-Type", reply.contentType());
        }
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private Reply rightReply(TwilioWebhook webhook) {
        if (webhook instanceof TwilioWebhook.Refused refusal) {
            refused.add(refusal);
            return new Reply(refusal.kind().httpStatus(), null, "");
        }
        believed.add(webhook);
        if (webhook instanceof TwilioWebhook.Inbound inbound) {
            String api = apiBaseUrl;
            if (api != null) {
                threads.execute(() -> echo(api, inbound));
            }
            return new Reply(200, "text/xml", "<Response/>");
        }
        return new Reply(204, null, "");
    }

    private void echo(String api, TwilioWebhook.Inbound inbound) {
        Form form = Form.empty()
                .with("To", inbound.message().address().customer())
                .with("From", inbound.message().address().inbox())
                .with("Body", "echo: " + inbound.message().content().text())
                .with("StatusCallback", publicBase + "/webhooks/twilio/status?message=m%2B1");
        String credentials =
                Base64.getEncoder().encodeToString((ACCOUNT + ":" + TOKEN).getBytes(StandardCharsets.UTF_8));
        try {
            HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(
                                            URI.create(api + "/2010-04-01/Accounts/" + ACCOUNT + "/Messages.json"))
                                    .header("Authorization", "Basic " + credentials)
                                    .header("Content-Type", Delivery.FORM)
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(form.body()))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
