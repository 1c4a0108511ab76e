package dev.handoff.runner.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Webhooks as Twilio has sent them, with their real signatures. */
record TwilioPayloads(
        String name, String kind, String url, String rawBody, String signature, Map<String, String> fields) {

    static List<TwilioPayloads> all() {
        try (InputStream file = TwilioPayloads.class.getResourceAsStream("/twilio-webhooks.json")) {
            List<TwilioPayloads> payloads = new ArrayList<>();
            for (JsonNode payload :
                    new ObjectMapper().readTree(Objects.requireNonNull(file)).path("payloads")) {
                Map<String, String> fields = new LinkedHashMap<>();
                payload.path("params")
                        .properties()
                        .forEach(entry ->
                                fields.put(entry.getKey(), entry.getValue().asText()));
                payloads.add(new TwilioPayloads(
                        payload.path("name").asText(),
                        payload.path("kind").asText(),
                        payload.path("url").asText(),
                        payload.path("rawBody").asText(),
                        payload.path("headers").path("X-Twilio-Signature").asText(),
                        fields));
            }
            return payloads;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<TwilioPayloads> inbound() {
        return all().stream()
                .filter(payload -> payload.kind().equals("inbound"))
                .toList();
    }

    static List<TwilioPayloads> statuses() {
        return all().stream().filter(payload -> payload.kind().equals("status")).toList();
    }

    String path() {
        return url.substring("https://bot.example.com".length());
    }

    @Override
    public String toString() {
        return name;
    }
}
