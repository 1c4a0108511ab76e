package dev.handoff.customer;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;

/** Calls a host's webhooks over real HTTP, with the headers and the patience of Twilio. Thread-safe. */
final class HostClient {

    /** Twilio's default. */
    private static final Duration CONNECT = Duration.ofSeconds(5);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
    private final Duration timeout;

    HostClient(Duration timeout) {
        this.timeout = timeout;
    }

    Answer send(Delivery delivery) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(delivery.url())
                .timeout(timeout)
                .header("Content-Type", delivery.contentType())
                .header("User-Agent", "TwilioProxy/1.1")
                .header("I-Twilio-Idempotency-Token", UUID.randomUUID().toString())
                .POST(HttpRequest.BodyPublishers.ofByteArray(delivery.body()));
        if (delivery.signature() != null) {
            request.header("X-Twilio-Signature", delivery.signature());
        }
        long begun = System.nanoTime();
        try {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            String type = response.headers().firstValue("Content-Type").orElse(null);
            return new Answer.Answered(response.statusCode(), type, response.body(), millisSince(begun));
        } catch (IOException e) {
            String reason = e.getMessage() == null ? "" : ": " + e.getMessage();
            return new Answer.NoAnswer(e.getClass().getSimpleName() + reason, millisSince(begun));
        }
    }

    private static long millisSince(long begun) {
        return (System.nanoTime() - begun) / 1_000_000;
    }
}
