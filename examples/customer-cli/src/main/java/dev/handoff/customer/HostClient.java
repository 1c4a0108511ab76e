package dev.handoff.customer;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Calls a host's webhooks over real HTTP, with the headers and the patience of Twilio. Thread-safe. */
final class HostClient {

    /** Twilio's default. */
    private static final Duration CONNECT = Duration.ofSeconds(5);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
    private final Duration timeout;

    /** @param timeout how long to wait for a whole answer */
    HostClient(Duration timeout) {
        this.timeout = timeout;
    }

    Answer send(Delivery delivery) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(delivery.url())
                .header("Content-Type", delivery.contentType())
                .header("User-Agent", "TwilioProxy/1.1")
                .header("I-Twilio-Idempotency-Token", UUID.randomUUID().toString())
                .POST(HttpRequest.BodyPublishers.ofByteArray(delivery.body()));
        if (delivery.signature() != null) {
            request.header("X-Twilio-Signature", delivery.signature());
        }
        long begun = System.nanoTime();
        CompletableFuture<HttpResponse<String>> sending =
                http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
        try {
            // The request's own time-out ends with the headers; a host may stall in the body.
            HttpResponse<String> response = sending.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            String type = response.headers().firstValue("Content-Type").orElse(null);
            return new Answer.Answered(response.statusCode(), type, response.body(), millisSince(begun));
        } catch (TimeoutException e) {
            sending.cancel(true);
            return new Answer.NoAnswer("not whole within " + timeout.toSeconds() + " s", millisSince(begun));
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            String reason = cause.getMessage() == null ? "" : ": " + cause.getMessage();
            return new Answer.NoAnswer(cause.getClass().getSimpleName() + reason, millisSince(begun));
        }
    }

    private static long millisSince(long begun) {
        return (System.nanoTime() - begun) / 1_000_000;
    }
}
