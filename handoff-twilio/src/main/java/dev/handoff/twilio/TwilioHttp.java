package dev.handoff.twilio;

import com.twilio.http.Request;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Carries the SDK's requests, each exactly once: no redirect is followed and nothing is repeated, since a message sent twice
 * is worse than one whose fate has to be looked up. The JDK's client repeats a POST only if the process was started with
 * {@value #REPEATS_POSTS}, which the constructor refuses. Thread-safe; any number of requests run side by side.
 */
final class TwilioHttp {

    static final String REPEATS_POSTS = "jdk.httpclient.enableAllMethodRetry";

    private static final String SDK_BASE = "https://api.twilio.com";

    /**
     * NAT gateways and load balancers silently forget connections (AWS after 350 s); a POST on such a one ends as an unknown
     * outcome. The JDK keeps them for 20 minutes and offers no setting but a system property.
     */
    private static final long POOL_TRUSTED_NANOS = Duration.ofSeconds(60).toNanos();

    private final String baseUrl;
    private final Duration connectTimeout;
    private final Duration readTimeout;
    private @Nullable HttpClient pool;
    private long poolLastUsed;

    TwilioHttp(URI baseUrl, Duration connectTimeout, Duration readTimeout) {
        String repeats = System.getProperty(REPEATS_POSTS);
        if (repeats != null && (repeats.isEmpty() || Boolean.parseBoolean(repeats))) {
            throw new IllegalStateException("the system property " + REPEATS_POSTS
                    + " makes the JDK's HTTP client send POSTs twice: start the process without it");
        }
        this.baseUrl = TwilioSettings.withoutTrailingSlash(baseUrl);
        this.connectTimeout = connectTimeout;
        this.readTimeout = readTimeout;
    }

    /** How long one request may take, its connection and its whole answer included. */
    Duration patience() {
        return connectTimeout.plus(readTimeout);
    }

    /** @param within when to give up, {@link #patience()} at most; what was sent by then is lost */
    Exchange execute(Request request, Duration within) {
        CompletableFuture<HttpResponse<byte[]>> sending = pool().sendAsync(toJdk(request), BodyHandlers.ofByteArray());
        try {
            HttpResponse<byte[]> response = sending.get(within.toMillis(), TimeUnit.MILLISECONDS);
            return new Exchange.Answered(
                    response.statusCode(), response.headers(), new String(response.body(), StandardCharsets.UTF_8));
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof Error error) {
                throw error;
            }
            Exception failure = cause instanceof Exception exception ? exception : e;
            return neverLeft(failure) ? new Exchange.NotSent(failure) : new Exchange.Lost(failure);
        } catch (TimeoutException e) {
            sending.cancel(true);
            return new Exchange.Lost(new IOException("no complete answer within " + within, e));
        } catch (InterruptedException e) {
            sending.cancel(true);
            Thread.currentThread().interrupt();
            return new Exchange.Lost(e);
        }
    }

    private HttpRequest toJdk(Request request) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(target(request))
                .timeout(readTimeout)
                .header("Accept", "application/json")
                .header("User-Agent", "handoff-twilio");
        if (request.requiresAuthentication()) {
            builder.header("Authorization", request.getAuthString());
        }
        request.getHeaderParams().forEach((name, values) -> values.forEach(value -> builder.header(name, value)));
        return switch (request.getMethod()) {
            case GET -> builder.GET().build();
            case POST ->
                builder.header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
                        .POST(HttpRequest.BodyPublishers.ofString(request.encodeFormBody(), StandardCharsets.UTF_8))
                        .build();
            default -> throw new IllegalArgumentException("only GET and POST are carried, not " + request.getMethod());
        };
    }

    private URI target(Request request) {
        String url = request.constructURL().toString();
        if (!url.startsWith(SDK_BASE + "/")) {
            throw new IllegalArgumentException("the credentials go to " + SDK_BASE + " only, not to " + url);
        }
        return URI.create(baseUrl + url.substring(SDK_BASE.length()));
    }

    private static boolean neverLeft(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof HttpConnectTimeoutException
                    || cause instanceof UnknownHostException
                    || cause instanceof NoRouteToHostException
                    || cause instanceof SSLHandshakeException) {
                return true;
            }
        }
        return false;
    }

    /** Made when first needed: the JDK's client starts a thread as soon as it is built. */
    private synchronized HttpClient pool() {
        long now = System.nanoTime();
        HttpClient trusted = now - poolLastUsed > POOL_TRUSTED_NANOS ? null : pool;
        if (trusted == null) {
            trusted = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(connectTimeout)
                    .build();
            pool = trusted;
        }
        poolLastUsed = now;
        return trusted;
    }
}
