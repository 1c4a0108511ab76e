package dev.handoff.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.handoff.twilio.testing.FakeTwilio;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** I3: what strangers post is stored exactly once, or refused and not stored at all. */
class WebhookContractTest {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @ParameterizedTest
    @EnumSource
    void every_payload_is_stored_with_all_its_fields_and_a_duplicate_changes_nothing(TestDatabase database)
            throws Exception {
        try (FakeTwilio twilio = FakeTwilio.start();
                RunnerProcess runner = start(twilio, database.fresh())) {
            Api ana = runner.as(RunnerProcess.ANA);
            Set<String> stored = new HashSet<>();
            for (TwilioPayloads payload : TwilioPayloads.inbound()) {
                String sid = payload.fields().get("MessageSid");
                boolean fresh = stored.add(sid);
                int before = customerMessages(ana).size();
                assertThat(post(runner, payload.path(), payload.rawBody(), payload.signature()))
                        .as(payload.name())
                        .isEqualTo("200 text/xml <Response/>");
                assertThat(customerMessages(ana)).as(payload.name()).hasSize(fresh ? before + 1 : before);
                assertStoredWhole(ana, payload);
            }
            int all = customerMessages(ana).size();
            for (TwilioPayloads payload : TwilioPayloads.inbound()) {
                assertThat(post(runner, payload.path(), payload.rawBody(), payload.signature()))
                        .as("again: " + payload.name())
                        .isEqualTo("200 text/xml <Response/>");
            }
            assertThat(customerMessages(ana)).hasSize(all).hasSize(stored.size());
            for (TwilioPayloads payload : TwilioPayloads.statuses()) {
                assertThat(post(runner, payload.path(), payload.rawBody(), payload.signature()))
                        .as(payload.name())
                        .startsWith("204");
            }
        }
    }

    @Test
    void a_changed_byte_in_body_url_or_signature_is_refused_and_stores_nothing() throws Exception {
        try (FakeTwilio twilio = FakeTwilio.start();
                RunnerProcess runner = start(twilio, TestDatabase.H2.fresh())) {
            for (TwilioPayloads payload : TwilioPayloads.all()) {
                String body = payload.rawBody();
                char last = body.charAt(body.length() - 1);
                String changedBody = body.substring(0, body.length() - 1) + (last == '0' ? '1' : '0');
                String changedSignature = (payload.signature().charAt(0) == 'A' ? 'B' : 'A')
                        + payload.signature().substring(1);
                String changedUrl = payload.path() + (payload.path().contains("?") ? "0" : "?a=1");

                assertThat(post(runner, payload.path(), changedBody, payload.signature()))
                        .as("body of " + payload)
                        .startsWith("403");
                assertThat(post(runner, payload.path(), body, changedSignature))
                        .as("signature of " + payload)
                        .startsWith("403");
                assertThat(post(runner, changedUrl, body, payload.signature()))
                        .as("url of " + payload)
                        .startsWith("403");
                assertThat(post(runner, payload.path(), body, null))
                        .as("no signature on " + payload)
                        .startsWith("403");
            }
            assertThat(customerMessages(runner.as(RunnerProcess.ANA))).isEmpty();
        }
    }

    @Test
    void a_body_over_64_KiB_gets_413_and_garbage_gets_400() throws Exception {
        try (FakeTwilio twilio = FakeTwilio.start();
                RunnerProcess runner = start(twilio, TestDatabase.H2.fresh())) {
            String large = "Body=" + "a".repeat(65 * 1024);
            assertThat(post(runner, "/webhooks/twilio", large, "x")).startsWith("413");
            assertThat(post(runner, "/webhooks/twilio", large, null)).startsWith("413");
            assertThat(post(runner, "/webhooks/twilio", "Body=%zz", "x")).startsWith("400");
            assertThat(post(runner, "/webhooks/twilio", "Body=%ff%fe", "x")).startsWith("400");
            FakeTwilio.HostAnswer withoutSid = twilio.post(
                    RunnerProcess.PUBLIC_URL + "/webhooks/twilio",
                    Map.of("AccountSid", twilio.accountSid(), "From", "whatsapp:+1", "To", "whatsapp:+2", "Body", "x"));
            assertThat(withoutSid.status()).isEqualTo(400);
            assertThat(customerMessages(runner.as(RunnerProcess.ANA))).isEmpty();
        }
    }

    @Test
    void while_the_database_is_stopped_a_webhook_gets_503_and_once_it_is_back_the_same_webhook_is_stored()
            throws Exception {
        Path data = Files.createTempDirectory("handoff-e2e-postgres-");
        EmbeddedPostgres server = postgres(data, 0);
        try (FakeTwilio twilio = FakeTwilio.start();
                RunnerProcess runner = start(twilio, TestDatabase.settings(server, "postgres"))) {
            TwilioPayloads payload = TwilioPayloads.inbound().get(0);
            int port = server.getPort();
            server.close();

            assertThat(post(runner, payload.path(), payload.rawBody(), payload.signature()))
                    .startsWith("503");
            assertThat(runner.as("").get("/readyz").status()).isEqualTo(503);

            server = postgres(data, port);
            Await.until(
                    "the same webhook is stored",
                    Duration.ofSeconds(30),
                    () -> post(runner, payload.path(), payload.rawBody(), payload.signature())
                            .startsWith("200"));
            assertStoredWhole(runner.as(RunnerProcess.ANA), payload);
            assertThat(customerMessages(runner.as(RunnerProcess.ANA))).hasSize(1);
        } finally {
            server.close();
        }
    }

    private static void assertStoredWhole(Api ana, TwilioPayloads payload) {
        JsonNode message = customerMessages(ana).stream()
                .filter(candidate -> payload.fields()
                        .get("MessageSid")
                        .equals(candidate.path("providerMessageId").asText()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(payload + " is not stored"));
        Map<String, String> fields = new HashMap<>();
        message.path("fields")
                .properties()
                .forEach(entry -> fields.put(entry.getKey(), entry.getValue().asText()));
        if (!payload.name().contains("duplicate")) {
            assertThat(fields).as(payload.name()).isEqualTo(payload.fields());
        }
        assertThat(message.path("text").asText("")).isEqualTo(payload.fields().getOrDefault("Body", ""));
        assertThat(message.path("media"))
                .hasSize(Integer.parseInt(payload.fields().getOrDefault("NumMedia", "0")));
    }

    private static List<JsonNode> customerMessages(Api api) {
        try {
            return allConversations(api).stream()
                    .flatMap(
                            conversation -> api.messages(conversation.path("id").asText()).stream())
                    .filter(message -> message.path("owner").asText().equals("CUSTOMER"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<JsonNode> allConversations(Api api) throws IOException, InterruptedException {
        return api.get("/api/conversations?limit=500")
                .body()
                .path("items")
                .valueStream()
                .toList();
    }

    private static String post(
            RunnerProcess runner, String path, String body, @org.jspecify.annotations.Nullable String signature)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(runner.baseUrl() + path))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
                .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        if (signature != null) {
            request.header("X-Twilio-Signature", signature);
        }
        HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        String type = response.headers().firstValue("Content-Type").orElse("").replaceAll(";.*", "");
        return response.statusCode() + " " + type + " " + response.body();
    }

    private static RunnerProcess start(FakeTwilio twilio, Map<String, String> database) {
        Map<String, String> settings = new HashMap<>(RunnerProcess.besideTwilio(twilio));
        settings.putAll(database);
        RunnerProcess runner = RunnerProcess.start(settings);
        twilio.reaches(RunnerProcess.PUBLIC_URL, runner.baseUrl());
        return runner;
    }

    private static EmbeddedPostgres postgres(Path data, int port) throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setPort(port)
                .start();
    }
}
