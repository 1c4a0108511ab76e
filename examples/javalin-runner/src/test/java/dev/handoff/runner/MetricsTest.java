package dev.handoff.runner;

import static dev.handoff.runner.Service.ANA;
import static dev.handoff.runner.Service.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.runner.Service.Answer;
import org.junit.jupiter.api.Test;

class MetricsTest {

    @Test
    void operators_see_conversations_queue_messages_sends_and_requests() {
        try (Service service = Service.start()) {
            service.waiting();
            service.heldBy(ANA);
            service.get(ANA, "/api/conversations/no-such-id");

            Answer metrics = await(
                    () -> service.get(ANA, "/metrics"), answer -> answer.text().contains("outcome=\"sent\""));

            assertThat(metrics.contentType()).startsWith("text/plain");
            assertThat(metrics.text())
                    .contains(
                            "handoff_store_up 1.0",
                            "handoff_conversations{status=\"HUMAN_HANDOFF\",phase=\"WAITING_AGENT\"} 1.0",
                            "handoff_conversations{status=\"HUMAN_HANDOFF\",phase=\"ASSIGNED\"} 1.0",
                            "handoff_queue_length 1.0",
                            "handoff_queue_oldest_wait_seconds",
                            "handoff_messages_total{owner=\"customer\"} 2",
                            "handoff_events_total{type=\"handoff_requested\"} 2",
                            "handoff_wait_seconds_count 1",
                            "# TYPE handoff_outbound_waiting gauge",
                            "handoff_dead_letters 0.0",
                            "path=\"/api/conversations/{id}\",status=\"404\"")
                    .doesNotContain("no-such-id");
            assertThat(metrics.text().lines())
                    .allMatch(line -> line.matches("# (HELP|TYPE) .*|[a-z_]+(\\{[^}]*(\\{id})?[^}]*})? [0-9.E+-]+"));
        }
    }
}
