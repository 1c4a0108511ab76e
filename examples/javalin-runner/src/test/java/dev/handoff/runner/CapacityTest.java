package dev.handoff.runner;

import static dev.handoff.runner.Service.ANA;
import static dev.handoff.runner.Service.SAM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.runner.Service.Answer;
import org.junit.jupiter.api.Test;

class CapacityTest {

    @Test
    void I9_an_agent_who_holds_as_many_as_they_may_gets_409_and_a_supervisor_does_not() {
        try (Service service = Service.start("HANDOFF_AGENT_CAPACITY", "1")) {
            service.heldBy(ANA);
            String another = service.waiting();

            Answer refused = service.command(ANA, another, "assign", "");

            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.field("type")).contains("capacity");
            assertThat(refused.conversation().get("id").asText()).isEqualTo(another);
            service.heldBy(SAM);
            service.heldBy(SAM);
            assertThat(service.get(SAM, "/api/agents/me").json().get("load").asInt())
                    .isEqualTo(2);
        }
    }

    @Test
    void notices_can_be_switched_off() {
        try (Service service = Service.start("HANDOFF_NOTICES", "off")) {
            String id = service.waiting();

            assertThat(service.messages(id).findValuesAsText("owner")).containsExactly("CUSTOMER");
        }
    }
}
