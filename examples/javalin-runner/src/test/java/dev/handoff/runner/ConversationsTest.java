package dev.handoff.runner;

import static dev.handoff.runner.Service.ANA;
import static dev.handoff.runner.Service.await;
import static dev.handoff.runner.Service.encoded;
import static dev.handoff.runner.Service.newCustomer;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.handoff.runner.Service.Answer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConversationsTest {
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";

    private static Service service;

    @BeforeAll
    static void start() {
        service = Service.start();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void a_conversation_has_every_key_of_the_contract() {
        String customer = newCustomer();
        String id = service.says(customer, "oi");

        JsonNode conversation = service.conversation(id);

        assertThat(keys(conversation))
                .contains(
                        "id",
                        "tenant",
                        "channel",
                        "customer",
                        "inbox",
                        "customerName",
                        "status",
                        "phase",
                        "agentId",
                        "handoffAt",
                        "handoffReason",
                        "summary",
                        "queue",
                        "priority",
                        "epoch",
                        "version",
                        "deadlineAt",
                        "previousConversationId",
                        "createdAt",
                        "closedAt");
        assertThat(conversation.get("id").asText()).isEqualTo(id);
        assertThat(conversation.get("channel").asText()).isEqualTo("simulator");
        assertThat(conversation.get("inbox").asText()).isEqualTo("simulator:inbox");
        assertThat(conversation.get("customer").asText()).isEqualTo(customer);
        assertThat(conversation.get("status").asText()).isEqualTo("PROGRESS");
        assertThat(conversation.get("phase").isNull()).isTrue();
        assertThat(conversation.get("agentId").isNull()).isTrue();
        assertThat(conversation.get("handoffAt").isNull()).isTrue();
        assertThat(conversation.get("priority").asInt(-1)).isZero();
        assertThat(conversation.get("epoch").asInt()).isEqualTo(1);
        assertThat(conversation.get("createdAt").asText()).matches(TIME);
        assertThat(conversation.get("deadlineAt").asText()).matches(TIME);
    }

    @Test
    void a_message_has_every_key_of_the_contract() {
        String id = service.says(newCustomer(), "  oi\n ");

        JsonNode message = service.messages(id).get(0);

        assertThat(keys(message))
                .contains(
                        "id",
                        "seq",
                        "conversationId",
                        "owner",
                        "agentId",
                        "direction",
                        "text",
                        "media",
                        "fields",
                        "providerMessageId",
                        "delivery",
                        "error",
                        "createdAt");
        assertThat(message.get("seq").asInt()).isEqualTo(1);
        assertThat(message.get("conversationId").asText()).isEqualTo(id);
        assertThat(message.get("owner").asText()).isEqualTo("CUSTOMER");
        assertThat(message.get("direction").asText()).isEqualTo("INBOUND");
        assertThat(message.get("text").asText()).isEqualTo("  oi\n ");
        assertThat(message.get("media").isArray()).isTrue();
        assertThat(message.get("fields").get("Body").asText()).isEqualTo("  oi\n ");
        assertThat(message.get("delivery").isNull()).isTrue();
        assertThat(message.get("createdAt").asText()).matches(TIME);
    }

    @Test
    void the_bot_echoes_and_the_customer_sees_it() {
        String customer = newCustomer();
        service.says(customer, "bom dia");

        JsonNode seen = await(() -> service.seenBy(customer), items -> items.size() == 2);

        assertThat(seen.get(0).get("text").asText()).isEqualTo("bom dia");
        assertThat(seen.get(1).get("text").asText()).isEqualTo("echo: bom dia");
        assertThat(seen.get(1).get("owner").asText()).isEqualTo("BOT");
        assertThat(seen.get(1).get("delivery").asText()).isEqualTo("SENT");
    }

    @Test
    void a_request_for_a_person_waits_in_the_queue_with_its_place_and_time() {
        String first = service.waiting();
        String second = service.waiting();

        List<String> queue = new ArrayList<>();
        JsonNode items = service.get(ANA, "/api/queue").items();
        items.forEach(item -> queue.add(item.get("id").asText()));

        assertThat(queue).containsSubsequence(first, second);
        for (int i = 0; i < items.size(); i++) {
            assertThat(items.get(i).get("position").asInt()).isEqualTo(i + 1);
            assertThat(items.get(i).get("waitingSeconds").asInt(-1)).isBetween(0, 60);
            assertThat(items.get(i).get("phase").asText()).isEqualTo("WAITING_AGENT");
        }
    }

    @Test
    void one_queue_can_be_asked_for_alone() {
        String id = service.says(newCustomer(), "oi");
        service.command(ANA, id, "handoff", "{\"queue\":\"billing\",\"priority\":3}");

        JsonNode items = service.get(ANA, "/api/queue?queue=billing").items();

        assertThat(items).hasSize(1);
        assertThat(items.get(0).get("id").asText()).isEqualTo(id);
        assertThat(items.get(0).get("priority").asInt()).isEqualTo(3);
    }

    @Test
    void the_list_is_filtered_by_customer_status_phase_and_agent() {
        String customer = newCustomer();
        String id = service.says(customer, "humano");
        service.command(ANA, id, "assign", "");

        String all = "/api/conversations?customer=" + encoded(customer);

        assertThat(service.get(ANA, all + "&status=HUMAN_HANDOFF&phase=ASSIGNED&agentId=ana")
                        .items())
                .hasSize(1);
        assertThat(service.get(ANA, all + "&status=PROGRESS").items()).isEmpty();
        assertThat(service.get(ANA, all + "&phase=WAITING_AGENT").items()).isEmpty();
        assertThat(service.get(ANA, all + "&agentId=bia").items()).isEmpty();
    }

    @Test
    void the_list_is_paged_newest_activity_first_until_the_cursor_ends() {
        String customer = newCustomer();
        List<String> opened = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String id = service.says(customer, "humano");
            service.command(ANA, id, "assign", "");
            service.command(ANA, id, "close", "");
            opened.add(0, id);
        }

        List<String> listed = new ArrayList<>();
        String base = "/api/conversations?limit=2&customer=" + encoded(customer);
        String path = base;
        while (path != null) {
            Answer page = service.get(ANA, path);
            page.items().forEach(item -> listed.add(item.get("id").asText()));
            String next = page.field("nextCursor");
            path = next == null || next.equals("null") ? null : base + "&cursor=" + encoded(next);
        }

        assertThat(listed).isEqualTo(opened);
    }

    @Test
    void the_history_is_read_from_any_place() {
        String id = service.waiting();
        await(() -> service.messages(id), items -> items.size() == 2);

        JsonNode rest = service.get(ANA, "/api/conversations/" + id + "/messages?after=1&limit=1")
                .items();

        assertThat(rest).hasSize(1);
        assertThat(rest.get(0).get("seq").asInt()).isEqualTo(2);
        assertThat(rest.get(0).get("owner").asText()).isEqualTo("SYSTEM");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/conversations?limit=abc",
                "/api/conversations?limit=0",
                "/api/conversations?limit=-1",
                "/api/conversations?limit=1.5",
                "/api/conversations?status=OPEN",
                "/api/conversations?status=progress",
                "/api/conversations?phase=NONE",
                "/api/conversations?cursor=what",
                "/api/events?after=-1",
                "/api/events?after=x",
                "/api/events?after=9223372036854775808",
                "/api/events?limit=x",
                "/api/events?limit=0",
                "/api/outbound/dead?limit=-1",
                "/simulator/messages"
            })
    void a_parameter_that_cannot_be_read_is_a_400(String path) {
        assertUnreadable(service.get(ANA, path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/events?after=%zz",
                "/api/events?after=%",
                "/api/events?after=%u0031",
                "/api/events?limit=%zz",
                "/api/conversations?customer=%zz",
                "/api/conversations?customer=%80",
                "/api/conversations?customer=%80%EF%BF%BD",
                "/api/conversations?customer=%C3\u00A9",
                "/api/conversations?phase=%zz",
                "/api/queue?queue=%ED%A0%80",
                "/simulator/messages?from=%2"
            })
    void a_query_that_cannot_be_decoded_is_a_400(String path) {
        assertUnreadable(service.getRaw(ANA, path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"%EF%BF%BD", "Jos%C3%A9", "%F0%9F%98%80", "a+b"})
    void a_query_with_any_character_is_read(String customer) {
        assertThat(service.get(ANA, "/api/conversations?customer=" + customer).status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"/api/conversations, 501", "/api/events, 1001"})
    void a_limit_over_the_most_is_taken_as_the_most(String path, int limit) {
        assertThat(service.get(ANA, path + "?limit=" + limit).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"%00", "%zz", "%", "%u0041", "%80", "a%00b", "%80%EF%BF%BD", "%ED%A0%80", "%c0%af", "%5C", "a;b"
            })
    void an_id_whose_escapes_say_nothing_is_a_404(String id) {
        for (Answer answer : List.of(
                service.getRaw(ANA, "/api/conversations/" + id),
                service.getRaw(ANA, "/api/conversations/" + id + "/messages"),
                service.getRaw(ANA, "/assets/" + id))) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(404);
            assertThat(answer.contentType()).startsWith("application/problem+json");
            assertThat(answer.json().get("status").asInt()).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "1-1-1-1-1",
                "00000000-0000-7000-8000-000000000000",
                "00000000-0000-7000-8000-00000000000Z",
                "..%2F..",
                "%20"
            })
    void an_id_that_names_nothing_is_a_404(String id) {
        for (String rest : List.of("", "/messages")) {
            assertThat(service.get(ANA, "/api/conversations/" + id + rest).status())
                    .isEqualTo(404);
        }
        for (String command :
                List.of("messages", "handoff", "assign", "takeover", "transfer", "release", "close", "notes")) {
            assertThat(service.command(ANA, id, command, "{}").status()).isEqualTo(404);
        }
        assertThat(service.post(ANA, "/api/outbound/" + id + "/retry", "").status())
                .isEqualTo(404);
        assertThat(service.post(ANA, "/api/outbound/" + id + ".1/retry", "").status())
                .isEqualTo(404);
        assertThat(service.post(ANA, "/api/outbound/" + id + ".1/drop", "").status())
                .isEqualTo(404);
    }

    @Test
    void a_page_of_very_long_messages_is_cut_and_says_where_the_next_begins() {
        String id = service.heldBy(ANA);
        int notes = 20;
        for (int i = 0; i < notes; i++) {
            assertThat(service.command(ANA, id, "notes", "{\"text\":\"" + "n".repeat(250_000) + "\"}")
                            .status())
                    .isEqualTo(201);
        }
        String path = "/api/conversations/" + id + "/messages?limit=1000&after=";

        Answer first = service.get(ANA, path + 0);
        Answer second = service.get(ANA, path + first.json().get("nextAfter").asLong());

        assertThat(first.items()).hasSizeLessThan(notes);
        assertThat(first.json().get("nextAfter").asLong())
                .isEqualTo(
                        first.items().get(first.items().size() - 1).get("seq").asLong());
        assertThat(second.json().has("nextAfter")).isFalse();
        assertThat(second.items().get(0).get("seq").asLong())
                .isEqualTo(first.json().get("nextAfter").asLong() + 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "3",
                "\"text\"",
                "{}{}",
                "{\"from\":1,\"text\":\"x\"}",
                "{\"from\":\"x\"}",
                "{\"text\":\"x\"}",
                "{\"from\":\" \",\"text\":\"x\"}",
                "{\"from\":\"a\",\"from\":\"b\",\"text\":\"x\"}",
                ""
            })
    void a_simulated_message_that_cannot_be_read_is_a_400(String body) {
        assertThat(service.post(ANA, "/simulator/messages", body).status()).isEqualTo(400);
    }

    @Test
    void a_body_beyond_all_measure_is_a_413() {
        String body = "{\"from\":\"x\",\"text\":\"" + "a".repeat(300_000) + "\"}";

        assertThat(service.post(ANA, "/simulator/messages", body).status()).isEqualTo(413);
    }

    @Test
    void half_a_surrogate_pair_is_shown_as_what_cannot_be_shown() {
        Answer answer = service.post(
                ANA,
                "/simulator/messages",
                "{\"from\":\"" + newCustomer() + "\",\"text\":\"a\\ud800b\",\"profileName\":\"\\udc00\"}");
        String id = answer.field("conversationId");

        assertThat(service.messages(id).get(0).get("text").asText()).isEqualTo("a\uFFFDb");
        assertThat(service.conversation(id).get("customerName").asText()).isEqualTo("\uFFFD");
    }

    @Test
    void the_customers_name_is_shown() {
        Answer answer = service.post(
                ANA,
                "/simulator/messages",
                "{\"from\":\"" + newCustomer() + "\",\"text\":\"oi\",\"profileName\":\"Maria\"}");

        assertThat(service.conversation(answer.field("conversationId"))
                        .get("customerName")
                        .asText())
                .isEqualTo("Maria");
    }

    private static void assertUnreadable(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.contentType()).startsWith("application/problem+json");
    }

    private static List<String> keys(JsonNode node) {
        List<String> keys = new ArrayList<>();
        node.fieldNames().forEachRemaining(keys::add);
        return keys;
    }
}
