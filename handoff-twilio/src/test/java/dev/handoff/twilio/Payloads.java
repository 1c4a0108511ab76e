package dev.handoff.twilio;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Webhooks of many kinds, as Twilio sends and signs them; names, numbers and the token are invented. */
final class Payloads {

    static final String TOKEN = "0123456789abcdef0123456789abcdef";
    static final String ACCOUNT = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    record Payload(String name, String kind, String url, String signature, Map<String, String> params, String rawBody) {

        TwilioRequest request() {
            return new TwilioRequest(
                    url,
                    rawBody.getBytes(StandardCharsets.UTF_8),
                    "application/x-www-form-urlencoded; charset=UTF-8",
                    signature);
        }

        Map<String, List<String>> multi() {
            Map<String, List<String>> multi = new LinkedHashMap<>();
            params.forEach((name, value) -> multi.put(name, List.of(value)));
            return multi;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Payload> all() {
        try (InputStream file = Payloads.class.getResourceAsStream("webhooks.json")) {
            JsonNode payloads = new ObjectMapper().readTree(file).get("payloads");
            return StreamSupport.stream(payloads.spliterator(), false).map(Payloads::read);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static Stream<Payload> inbound() {
        return all().filter(payload -> payload.kind().equals("inbound"));
    }

    static Payload named(String name) {
        return all().filter(payload -> payload.name().equals(name)).findFirst().orElseThrow();
    }

    private static Payload read(JsonNode node) {
        Map<String, String> params = new LinkedHashMap<>();
        node.get("params")
                .fields()
                .forEachRemaining(e -> params.put(e.getKey(), e.getValue().asText()));
        return new Payload(
                node.get("name").asText(),
                node.get("kind").asText(),
                node.get("url").asText(),
                node.get("headers").get("X-Twilio-Signature").asText(),
                params,
                node.get("rawBody").asText());
    }

    private Payloads() {}
}
