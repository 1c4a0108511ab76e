package dev.handoff.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.handoff.twilio.testing.FakeTwilio;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nobody waits for ever: an agent takes a conversation and goes away, while two nodes look after the deadlines. */
class AgentGoesAwayTest {

    @ParameterizedTest
    @CsvSource({
        "release,  released_to_bot, PROGRESS,      ,"
                + "'Vou chamar uma pessoa.|Desculpe, ninguém pôde atender agora. Você voltou ao assistente.'",
        "requeue,  requeued,        HUMAN_HANDOFF, default,    Vou chamar uma pessoa.",
        "escalate, escalated,       HUMAN_HANDOFF, supervisor, Vou chamar uma pessoa."
    })
    void after_the_time_limit_the_conversation_moves_on_as_configured_exactly_once(
            String action, String event, String status, @Nullable String queue, String heard) throws Exception {
        try (FakeTwilio twilio = FakeTwilio.start()) {
            Map<String, String> settings = new HashMap<>(RunnerProcess.besideTwilio(twilio));
            settings.putAll(TestDatabase.POSTGRESQL.fresh());
            settings.put("HANDOFF_AGENT_TIMEOUT", "PT1S");
            settings.put("HANDOFF_AGENT_TIMEOUT_ACTION", action);
            settings.put("HANDOFF_SWEEP_INTERVAL", "PT0.05S");
            try (RunnerProcess one = RunnerProcess.start(settings);
                    RunnerProcess two = RunnerProcess.start(settings)) {
                twilio.reaches(RunnerProcess.PUBLIC_URL, one.baseUrl());
                Api ana = two.as(RunnerProcess.ANA);
                Customer maria = new Customer(twilio, "whatsapp:+5511987654321");
                maria.writes("atendente");
                String id = ana.conversationOf(maria.address()).path("id").asText();
                assertThat(ana.command(id, "assign").status()).isEqualTo(200);

                Await.until(
                        "the feed tells " + event,
                        Duration.ofSeconds(20),
                        () -> !told(ana, id, event).isEmpty());
                JsonNode now = ana.get("/api/conversations/" + id).body();
                assertThat(now.path("status").asText()).isEqualTo(status);
                assertThat(now.path("queue").asText(null)).isEqualTo(queue);
                assertThat(now.path("agentId").isNull()).isTrue();
                maria.hears(heard.split("\\|"));
                assertThat(told(ana, id, event)).singleElement().satisfies(once -> {
                    assertThat(once.path("actor").asText()).isEqualTo("clock");
                    assertThat(once.path("data").path("reason").asText()).isEqualTo("agent_timeout");
                    assertThat(once.path("data").path("from").asText()).isEqualTo("agent:ana");
                });
                assertThat(told(ana, id, "deadline_warning").size()).isLessThanOrEqualTo(2);
                assertThat(ana.get("/api/agents/me").body().path("load").asInt())
                        .isZero();
            }
        }
    }

    private static List<JsonNode> told(Api ana, String id, String type) {
        return ana.events(id).stream()
                .filter(event -> event.path("type").asText().equals(type))
                .toList();
    }
}
