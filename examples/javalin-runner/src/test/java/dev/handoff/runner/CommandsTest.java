package dev.handoff.runner;

import static dev.handoff.runner.Service.ANA;
import static dev.handoff.runner.Service.BIA;
import static dev.handoff.runner.Service.SAM;
import static dev.handoff.runner.Service.await;
import static dev.handoff.runner.Service.newCustomer;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.handoff.runner.Service.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
    private static Service service;

    @BeforeAll
    static void start() {
        service = Service.start("HANDOFF_AGENT_CAPACITY", "1000");
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void a_handoff_is_requested_with_all_that_the_agent_should_know() {
        String id = service.says(newCustomer(), "oi");

        Answer answer = service.command(
                ANA,
                id,
                "handoff",
                "{\"reason\":\"angry\",\"summary\":\"wants money back\",\"queue\":\"billing\",\"skills\":[\"pt\"],"
                        + "\"priority\":2}");

        assertThat(answer.status()).isEqualTo(200);
        JsonNode conversation = answer.conversation();
        assertThat(conversation.get("status").asText()).isEqualTo("HUMAN_HANDOFF");
        assertThat(conversation.get("phase").asText()).isEqualTo("WAITING_AGENT");
        assertThat(conversation.get("handoffReason").asText()).isEqualTo("angry");
        assertThat(conversation.get("summary").asText()).isEqualTo("wants money back");
        assertThat(conversation.get("queue").asText()).isEqualTo("billing");
        assertThat(conversation.get("priority").asInt()).isEqualTo(2);
        assertThat(conversation.get("epoch").asInt()).isEqualTo(2);
        assertThat(answer.json().get("inFlight").isArray()).isTrue();
    }

    @Test
    void an_agent_takes_answers_and_gives_back() {
        String customer = newCustomer();
        String id = service.says(customer, "atendente, por favor");

        Answer taken = service.command(ANA, id, "assign", "");
        Answer said = service.command(ANA, id, "messages", "{\"text\":\"Oi, Maria!\"}");
        JsonNode seen = await(() -> service.seenBy(customer), items -> items.size() == 3);
        Answer released = service.command(ANA, id, "release", "{\"reason\":\"done\",\"summary\":\"all is well\"}");

        assertThat(taken.status()).isEqualTo(200);
        assertThat(taken.conversation().get("phase").asText()).isEqualTo("ASSIGNED");
        assertThat(taken.conversation().get("agentId").asText()).isEqualTo("ana");
        assertThat(said.status()).isEqualTo(201);
        assertThat(said.field("text")).isEqualTo("Oi, Maria!");
        assertThat(said.field("owner")).isEqualTo("AGENT");
        assertThat(said.field("agentId")).isEqualTo("ana");
        assertThat(said.field("direction")).isEqualTo("OUTBOUND");
        assertThat(seen.get(2).get("text").asText()).isEqualTo("Oi, Maria!");
        assertThat(released.status()).isEqualTo(200);
        assertThat(released.conversation().get("status").asText()).isEqualTo("PROGRESS");
        for (String cleared : new String[] {"handoffAt", "handoffReason", "summary", "agentId"}) {
            assertThat(released.conversation().get(cleared).isNull())
                    .as(cleared)
                    .isTrue();
        }
    }

    @Test
    void close_keeps_the_handoff_and_the_next_message_opens_a_successor() {
        String customer = newCustomer();
        String id = service.says(customer, "humano");
        service.command(ANA, id, "assign", "{}");

        Answer closed = service.command(ANA, id, "close", "{\"reason\":\"solved\"}");
        String next = service.says(customer, "voltei");

        assertThat(closed.status()).isEqualTo(200);
        assertThat(closed.conversation().get("status").asText()).isEqualTo("AGENT_CLOSED");
        assertThat(closed.conversation().get("agentId").asText()).isEqualTo("ana");
        assertThat(closed.conversation().get("closedAt").isNull()).isFalse();
        assertThat(next).isNotEqualTo(id);
        assertThat(service.conversation(next).get("previousConversationId").asText())
                .isEqualTo(id);
    }

    @Test
    void a_takeover_takes_control_from_the_bot_at_once() {
        String id = service.says(newCustomer(), "oi");

        Answer answer = service.command(BIA, id, "takeover", "");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.conversation().get("agentId").asText()).isEqualTo("bia");
        assertThat(answer.conversation().get("epoch").asInt()).isEqualTo(2);
        assertThat(answer.json().get("inFlight").isArray()).isTrue();
    }

    @Test
    void a_supervisor_takes_over_from_an_agent_and_an_agent_does_not() {
        String id = service.heldBy(ANA);

        Answer agents = service.command(BIA, id, "takeover", "");
        Answer supervisors = service.command(SAM, id, "takeover", "");

        assertThat(agents.status()).isEqualTo(409);
        assertThat(agents.conversation().get("agentId").asText()).isEqualTo("ana");
        assertThat(supervisors.status()).isEqualTo(200);
        assertThat(supervisors.conversation().get("agentId").asText()).isEqualTo("sam");
    }

    @Test
    void of_two_who_assign_the_second_gets_409_and_the_first_repeats_for_free() {
        String id = service.waiting();

        Answer first = service.command(ANA, id, "assign", "");
        Answer second = service.command(BIA, id, "assign", "");
        Answer again = service.command(ANA, id, "assign", "");

        assertThat(first.status()).isEqualTo(200);
        assertThat(second.status()).isEqualTo(409);
        assertThat(second.conversation().get("agentId").asText()).isEqualTo("ana");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.conversation().get("version"))
                .isEqualTo(first.conversation().get("version"));
    }

    @Test
    void only_supervisors_assign_to_others() {
        String id = service.waiting();

        assertThat(service.command(ANA, id, "assign", "{\"agentId\":\"bia\"}").status())
                .isEqualTo(403);
        assertThat(service.command(SAM, id, "assign", "{\"agentId\":\"nobody\"}")
                        .status())
                .isEqualTo(422);
        Answer assigned = service.command(SAM, id, "assign", "{\"agentId\":\"bia\"}");
        assertThat(assigned.status()).isEqualTo(200);
        assertThat(assigned.conversation().get("agentId").asText()).isEqualTo("bia");
    }

    @Test
    void a_conversation_that_does_not_wait_cannot_be_assigned() {
        String id = service.says(newCustomer(), "oi");

        Answer answer = service.command(ANA, id, "assign", "");

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.conversation().get("status").asText()).isEqualTo("PROGRESS");
    }

    @Test
    void the_holder_transfers_to_an_agent_or_a_queue_with_a_note() {
        String id = service.heldBy(ANA);

        Answer toBia = service.command(ANA, id, "transfer", "{\"agentId\":\"bia\",\"note\":\"knows him\"}");
        Answer toQueue = service.command(BIA, id, "transfer", "{\"queue\":\"billing\"}");

        assertThat(toBia.status()).isEqualTo(200);
        assertThat(toBia.conversation().get("agentId").asText()).isEqualTo("bia");
        assertThat(toQueue.status()).isEqualTo(200);
        assertThat(toQueue.conversation().get("phase").asText()).isEqualTo("WAITING_AGENT");
        assertThat(toQueue.conversation().get("queue").asText()).isEqualTo("billing");
        assertThat(service.messages(id).findValuesAsText("direction")).contains("INTERNAL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"agentId\":\"bia\",\"queue\":\"billing\"}",
                "{\"queue\":\" \"}",
                "{\"agentId\":\"nobody\"}"
            })
    void a_transfer_to_nowhere_is_a_422_with_the_conversation(String body) {
        String id = service.heldBy(ANA);

        Answer answer = service.command(ANA, id, "transfer", body);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.conversation().get("id").asText()).isEqualTo(id);
    }

    @Test
    void a_note_is_kept_and_never_sent() {
        String customer = newCustomer();
        String id = service.says(customer, "humano");

        Answer note = service.command(BIA, id, "notes", "{\"text\":\"be kind\"}");

        assertThat(note.status()).isEqualTo(201);
        assertThat(note.field("direction")).isEqualTo("INTERNAL");
        assertThat(note.json().get("delivery").isNull()).isTrue();
        assertThat(service.seenBy(customer).findValuesAsText("text")).doesNotContain("be kind");
        assertThat(service.command(BIA, id, "notes", "{}").status()).isEqualTo(422);
    }

    @Test
    void a_strangers_write_is_a_403_and_a_supervisors_is_not_except_to_answer() {
        String id = service.heldBy(ANA);

        for (String command : new String[] {"release", "close"}) {
            assertThat(service.command(BIA, id, command, "").status()).isEqualTo(403);
        }
        assertThat(service.command(BIA, id, "transfer", "{\"queue\":\"x\"}").status())
                .isEqualTo(403);
        assertThat(service.command(BIA, id, "messages", "{\"text\":\"x\"}").status())
                .isEqualTo(403);
        assertThat(service.command(SAM, id, "messages", "{\"text\":\"x\"}").status())
                .isEqualTo(403);
        assertThat(service.command(SAM, id, "release", "").status()).isEqualTo(200);
    }

    @Test
    void an_answer_where_nobody_holds_is_a_409_with_the_conversation() {
        String id = service.says(newCustomer(), "oi");

        Answer answer = service.command(ANA, id, "messages", "{\"text\":\"hello\"}");

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.contentType()).startsWith("application/problem+json");
        assertThat(answer.conversation().get("id").asText()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"text\":\"\"}",
                "{\"text\":\"  \"}",
                "{\"template\":{}}",
                "{\"mediaUrls\":[\"ftp://x/y\"]}",
                "{\"text\":\"x\",\"commandId\":\"\"}"
            })
    void an_answer_that_says_nothing_usable_is_a_422(String body) {
        String id = service.heldBy(ANA);

        Answer answer = service.command(ANA, id, "messages", body);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.conversation().get("id").asText()).isEqualTo(id);
    }

    @Test
    void an_answer_that_is_too_long_is_a_422() {
        String id = service.heldBy(ANA);

        assertThat(service.command(ANA, id, "messages", "{\"text\":\"" + "á".repeat(1601) + "\"}")
                        .status())
                .isEqualTo(422);
        assertThat(service.command(ANA, id, "messages", "{\"text\":\"" + "á".repeat(1600) + "\"}")
                        .status())
                .isEqualTo(201);
    }

    @Test
    void media_and_templates_are_kept_as_they_were_given() {
        String id = service.heldBy(ANA);

        Answer media = service.command(ANA, id, "messages", "{\"mediaUrls\":[\"https://example.com/a.jpg\"]}");
        Answer template = service.command(
                ANA, id, "messages", "{\"template\":{\"contentSid\":\"HX1\",\"variables\":{\"1\":\"Maria\",\"2\":3}}}");

        assertThat(media.status()).isEqualTo(201);
        assertThat(media.json().get("media").get(0).get("url").asText()).isEqualTo("https://example.com/a.jpg");
        assertThat(template.status()).isEqualTo(201);
        assertThat(template.json().at("/template/variables/1").asText()).isEqualTo("Maria");
        assertThat(template.json().at("/template/variables/2").asText()).isEqualTo("3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "takeover | {",
                "takeover | []",
                "takeover | {\"epoch\":\"1\"}",
                "takeover | {\"epoch\":1.5}",
                "takeover | {\"epoch\":99999999999999999999}",
                "takeover | {\"commandId\":7}",
                "assign   | {\"agentId\":{}}",
                "handoff  | {\"priority\":\"high\"}",
                "handoff  | {\"priority\":3000000000}",
                "handoff  | {\"skills\":\"pt\"}",
                "messages | {\"text\":1}",
                "messages | {\"mediaUrls\":\"x\"}",
                "messages | {\"template\":\"HX1\"}",
                "notes    | {\"text\":[]}",
                "notes    | nonsense"
            })
    void a_body_that_cannot_be_read_is_a_400(String command, String body) {
        String id = service.waiting();

        Answer answer = service.command(ANA, id, command, body);

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.contentType()).startsWith("application/problem+json");
    }

    @Test
    void I11_a_command_on_a_stale_epoch_is_a_409_with_the_present_snapshot() {
        String id = service.waiting();
        int epoch = service.conversation(id).get("epoch").asInt();

        Answer stale = service.command(ANA, id, "assign", "{\"epoch\":" + (epoch - 1) + "}");
        Answer fresh = service.command(ANA, id, "assign", "{\"epoch\":" + epoch + "}");

        assertThat(stale.status()).isEqualTo(409);
        assertThat(stale.conversation().get("epoch").asInt()).isEqualTo(epoch);
        assertThat(stale.field("type")).contains("stale-epoch");
        assertThat(fresh.status()).isEqualTo(200);
    }

    @Test
    void I11_the_same_command_id_has_one_effect_and_one_result() {
        String id = service.heldBy(ANA);
        String body = "{\"commandId\":\"c-1\",\"text\":\"once\"}";

        Answer first = service.command(ANA, id, "messages", body);
        Answer again = service.command(ANA, id, "messages", body);
        Answer other = service.command(ANA, id, "messages", "{\"commandId\":\"c-1\",\"text\":\"twice\"}");

        assertThat(first.status()).isEqualTo(201);
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.field("id")).isEqualTo(first.field("id"));
        assertThat(service.messages(id).findValuesAsText("text"))
                .containsOnlyOnce("once")
                .doesNotContain("twice");
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.conversation().get("id").asText()).isEqualTo(id);
    }

    @Test
    void I11_a_repeated_change_of_control_gives_the_first_result_even_after_another_change() {
        String id = service.waiting();
        String body = "{\"commandId\":\"take-1\"}";

        Answer first = service.command(ANA, id, "assign", body);
        service.command(ANA, id, "release", "");
        Answer again = service.command(ANA, id, "assign", body);

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.conversation()).isEqualTo(first.conversation());
        assertThat(service.conversation(id).get("status").asText()).isEqualTo("PROGRESS");
    }

    @Test
    void what_is_not_legal_in_a_state_is_a_422_with_the_conversation() {
        String id = service.says(newCustomer(), "oi");

        for (String command : new String[] {"close", "release"}) {
            Answer answer = service.command(SAM, id, command, "");
            assertThat(answer.status()).as(command).isEqualTo(422);
            assertThat(answer.conversation().get("status").asText()).isEqualTo("PROGRESS");
        }
    }

    @Test
    void me_says_who_i_am_and_what_i_hold() {
        Answer supervisor = service.get(SAM, "/api/agents/me");
        Answer agent = service.get(ANA, "/api/agents/me");

        assertThat(supervisor.json().get("capacity").isNull()).isTrue();
        assertThat(supervisor.field("role")).isEqualTo("supervisor");
        assertThat(agent.field("id")).isEqualTo("ana");
        assertThat(agent.field("role")).isEqualTo("agent");
        assertThat(agent.json().get("capacity").asInt()).isEqualTo(1000);
        assertThat(agent.json().get("load").isInt()).isTrue();
        assertThat(agent.field("availability")).isIn("available", "away", "offline");
    }

    @Test
    void i_set_my_availability() {
        Answer away = service.put(BIA, "/api/agents/me", "{\"availability\":\"away\"}");

        assertThat(away.status()).isEqualTo(200);
        assertThat(away.field("availability")).isEqualTo("away");
        assertThat(service.get(BIA, "/api/agents/me").field("availability")).isEqualTo("away");
        assertThat(service.put(BIA, "/api/agents/me", "{\"availability\":\"asleep\"}")
                        .status())
                .isEqualTo(400);
        assertThat(service.put(BIA, "/api/agents/me", "").status()).isEqualTo(400);
    }
}
