package dev.handoff.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.handoff.twilio.testing.FakeTwilio;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole way: bot, handoff, takeover, answer, release, close, expiry, and a new conversation after an end. */
class StoryOverHttpTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @ParameterizedTest
    @EnumSource
    void the_whole_story_is_told_over_http_beside_a_loopback_twilio(TestDatabase database) throws Exception {
        try (FakeTwilio twilio = FakeTwilio.start();
                RunnerProcess runner = start(database, twilio, Map.of())) {
            Api ana = runner.as(RunnerProcess.ANA);
            Api sam = runner.as(RunnerProcess.SAM);
            Customer maria = new Customer(twilio, "whatsapp:+5511987654321");

            maria.writes("oi");
            maria.hears("echo: oi");
            JsonNode first = ana.conversationOf(maria.address());
            String id = first.path("id").asText();
            assertThat(first.path("status").asText()).isEqualTo("PROGRESS");
            assertThat(first.path("epoch").asLong()).isEqualTo(1);
            assertThat(first.path("inbox").asText()).isEqualTo(Customer.INBOX);

            maria.writes("Quero falar com uma PESSOA, por favor");
            maria.hears("echo: oi", "Vou chamar uma pessoa.");
            JsonNode waiting = ana.conversationOf(maria.address());
            assertThat(waiting.path("phase").asText()).isEqualTo("WAITING_AGENT");
            assertThat(waiting.path("handoffReason").asText()).isEqualTo("customer_request");
            assertThat(waiting.path("handoffAt").isNull()).isFalse();
            assertThat(ana.get("/api/queue")
                            .body()
                            .path("items")
                            .get(0)
                            .path("position")
                            .asInt())
                    .isEqualTo(1);

            assertThat(ana.command(id, "assign").conversation().path("agentId").asText())
                    .isEqualTo("ana");
            assertThat(ana.answer(id, "Oi, Maria!").status()).isEqualTo(201);
            maria.hears("echo: oi", "Vou chamar uma pessoa.", "Oi, Maria!");

            Api.Answer forced = sam.command(id, "takeover");
            assertThat(forced.status()).isEqualTo(200);
            assertThat(forced.conversation().path("agentId").asText()).isEqualTo("sam");
            assertThat(ana.answer(id, "ainda eu?").status()).isEqualTo(403);
            maria.writes("quem fala?");
            assertThat(sam.answer(id, "Aqui é o Sam.").status()).isEqualTo(201);
            maria.hears("echo: oi", "Vou chamar uma pessoa.", "Oi, Maria!", "Aqui é o Sam.");

            JsonNode released = sam.command(id, "release").conversation();
            assertThat(released.path("status").asText()).isEqualTo("PROGRESS");
            assertThat(released.path("agentId").isNull()).isTrue();
            assertThat(released.path("handoffAt").isNull()).isTrue();
            maria.writes("obrigada");
            maria.hears(
                    "echo: oi",
                    "Vou chamar uma pessoa.",
                    "Oi, Maria!",
                    "Aqui é o Sam.",
                    "Você voltou ao assistente.",
                    "echo: obrigada");

            ana.command(id, "takeover");
            JsonNode closed = ana.command(id, "close").conversation();
            assertThat(closed.path("status").asText()).isEqualTo("AGENT_CLOSED");
            assertThat(closed.path("agentId").asText()).isEqualTo("ana");

            maria.writes("oi de novo");
            JsonNode second = ana.conversationOf(maria.address());
            assertThat(second.path("id").asText()).isNotEqualTo(id);
            assertThat(second.path("previousConversationId").asText()).isEqualTo(id);
            assertThat(second.path("status").asText()).isEqualTo("PROGRESS");
            assertThat(ana.messages(id))
                    .extracting(message -> message.path("owner").asText())
                    .containsExactly(
                            "CUSTOMER",
                            "BOT",
                            "CUSTOMER",
                            "SYSTEM",
                            "AGENT",
                            "CUSTOMER",
                            "AGENT",
                            "SYSTEM",
                            "CUSTOMER",
                            "BOT");
        }
    }

    @ParameterizedTest
    @EnumSource
    void silence_expires_a_conversation_and_the_next_message_opens_a_linked_one(TestDatabase database)
            throws Exception {
        try (FakeTwilio twilio = FakeTwilio.start();
                RunnerProcess runner = start(
                        database, twilio, Map.of("HANDOFF_IDLE_TIMEOUT", "PT1S", "HANDOFF_SWEEP_INTERVAL", "PT0.1S"))) {
            Api ana = runner.as(RunnerProcess.ANA);
            Customer joao = new Customer(twilio, "whatsapp:BR.1A2B3C4D5E");

            joao.writes("oi");
            String id = ana.conversationOf(joao.address()).path("id").asText();
            Await.until(
                    "the conversation expires",
                    PATIENCE,
                    () -> ana.conversationOf(joao.address())
                            .path("status")
                            .asText()
                            .equals("EXPIRED"));
            Await.until(
                    "the feed says once that it has expired, and why",
                    PATIENCE,
                    () -> ana.events(id).stream()
                            .filter(event -> event.path("type").asText().equals("conversation_expired"))
                            .map(event -> event.path("data").path("reason").asText())
                            .toList()
                            .equals(List.of("customer_silent")));

            joao.writes("voltei");
            assertThat(ana.conversationOf(joao.address())
                            .path("previousConversationId")
                            .asText())
                    .isEqualTo(id);
        }
    }

    private static RunnerProcess start(TestDatabase database, FakeTwilio twilio, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(RunnerProcess.besideTwilio(twilio));
        settings.putAll(database.fresh());
        settings.putAll(more);
        RunnerProcess runner = RunnerProcess.start(settings);
        twilio.reaches(RunnerProcess.PUBLIC_URL, runner.baseUrl());
        return runner;
    }
}
