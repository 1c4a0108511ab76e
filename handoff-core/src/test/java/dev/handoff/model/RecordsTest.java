package dev.handoff.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.InboundMessage;
import dev.handoff.testkit.Draft;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be built, and what is put right on entry. */
class RecordsTest {
    private static final ConversationAddress MARIA = new ConversationAddress("acme", "fake", "inbox", "maria");

    @Test
    void NUL_is_replaced_on_entry_wherever_a_customer_can_put_it() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Body\0", "o\0i");
        InboundMessage message = new InboundMessage(
                new ConversationAddress("acme", "fake", "in\0box", "mar\0ia"),
                "SM\0",
                Content.text("o\0i"),
                "Mar\0ia",
                fields);

        assertThat(message.content().text()).isEqualTo("o\uFFFDi");
        assertThat(message.providerMessageId()).isEqualTo("SM\uFFFD");
        assertThat(message.customerName()).isEqualTo("Mar\uFFFDia");
        assertThat(message.fields()).containsExactly(Map.entry("Body\uFFFD", "o\uFFFDi"));
        assertThat(message.address().inbox()).isEqualTo("in\uFFFDbox");
        assertThat(message.address().customer()).isEqualTo("mar\uFFFDia");
    }

    @ParameterizedTest
    @CsvSource({
        "'\uD800', '\uFFFD'",
        "'a\uDC00b', 'a\uFFFDb'",
        "'\uD83D', '\uFFFD'",
        "'\uDE00\uD83D', '\uFFFD\uFFFD'",
        "'\uD83D\uD83D\uDE00', '\uFFFD\uD83D\uDE00'",
        "'Ol\u00E1 \uD83D\uDE00 \uFFFD', 'Ol\u00E1 \uD83D\uDE00 \uFFFD'"
    })
    void half_a_surrogate_pair_is_replaced_on_entry_and_a_whole_one_is_kept(String sent, String kept) {
        InboundMessage message = new InboundMessage(MARIA, "SM1", Content.text(sent), sent, Map.of(sent, sent));

        assertThat(message.content().text()).isEqualTo(kept);
        assertThat(message.customerName()).isEqualTo(kept);
        assertThat(message.fields()).containsExactly(Map.entry(kept, kept));
    }

    @Test
    void an_inbound_message_keeps_its_fields_in_order_and_needs_its_providers_id() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("z", "1");
        fields.put("a", "2");
        InboundMessage message = new InboundMessage(MARIA, "SM1", Content.text("oi"), null, fields);
        fields.put("later", "3");

        assertThat(message.fields().keySet()).containsExactly("z", "a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new InboundMessage(MARIA, "", Content.text("oi"), null, Map.of()))
                .withMessageContaining("duplicate");
    }

    @Test
    void a_template_reads_the_same_in_every_process() {
        Template template = new Template("HX1", Map.of("2", "b", "1", "a", "3", "c"));
        assertThat(template.variables().keySet()).containsExactly("1", "2", "3");
    }

    @Test
    void content_is_empty_without_text_media_and_template() {
        assertThat(Content.text(" \n").isEmpty()).isTrue();
        assertThat(new Content(null, List.of(), null).isEmpty()).isTrue();
        assertThat(new Content(null, List.of(new Media("https://example.org/1", null)), null).isEmpty())
                .isFalse();
        assertThat(new Content(null, List.of(), new Template("HX1", Map.of())).isEmpty())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "1-1-1-1-1",
                "0194F0C2-0000-7000-8000-000000000001",
                " 0194f0c2-0000-7000-8000-000000000001",
                "0194f0c2-0000-7000-8000-000000000001.1"
            })
    void a_conversation_id_has_one_spelling(String text) {
        assertThat(ConversationId.parse("acme", text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", ".1", "1", "x.1", "ID.0", "ID.01", "ID.-1", "ID.1.1", "ID.", "ID.9999999999999999999"})
    void a_message_id_has_one_spelling(String text) {
        String id = "0194f0c2-0000-7000-8000-000000000001";
        assertThat(MessageId.parse("acme", text.replace("ID", id))).isEmpty();
    }

    @Test
    void ids_are_read_as_they_are_written() {
        ConversationId id = new ConversationId("acme", UUID.fromString("0194f0c2-0000-7000-8000-000000000001"));
        MessageId message = new MessageId(id, 12);

        assertThat(ConversationId.parse("acme", id.text())).contains(id);
        assertThat(MessageId.parse("acme", message.text())).contains(message);
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageId(id, 0));
    }

    @Test
    void I12_an_id_names_its_tenant() {
        UUID value = UUID.randomUUID();
        assertThat(new ConversationId("acme", value)).isNotEqualTo(new ConversationId("other", value));
        assertThatNullPointerException().isThrownBy(() -> new ConversationId(null, value));
    }

    @Test
    void I5_an_open_conversation_has_a_deadline_and_an_ended_one_has_none() {
        Conversation open = Draft.opening(MARIA, Instant.EPOCH).done().next();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> with(open, open.status(), null))
                .withMessageContaining("deadline");
        assertThatIllegalArgumentException().isThrownBy(() -> with(open, ConversationStatus.EXPIRED, open.deadline()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> with(open, ConversationStatus.HUMAN_HANDOFF, open.deadline()))
                .withMessageContaining("handoff");
    }

    @Test
    void agents_have_a_name_and_room_for_one_at_least() {
        assertThatIllegalArgumentException().isThrownBy(() -> Agent.agent(" "));
        assertThatIllegalArgumentException().isThrownBy(() -> new Agent("acme", "ana", AgentRole.AGENT, 0));
        assertThat(Agent.supervisor("sue").capacity()).isNull();
        assertThat(Agent.agent("ana").capacity()).isEqualTo(5);
    }

    @Test
    void a_bots_reply_that_makes_no_sense_fails_where_the_bot_makes_it() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BotReply.text(" "))
                .withMessageContaining("silence()");
        assertThatIllegalArgumentException().isThrownBy(() -> new BotReply.Say(List.of(), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> BotReply.text("oi", Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> new BotReply.HandOver("why", null, " ", 0, null));
        assertThatNullPointerException().isThrownBy(() -> BotReply.handOver(null));
    }

    @Test
    void a_handoff_needs_a_queue_and_a_reason() {
        assertThatIllegalArgumentException().isThrownBy(() -> new HandoffRequest("vip", null, "", 0, null));
        assertThatNullPointerException().isThrownBy(() -> HandoffRequest.because(null));
    }

    @Test
    void I7_delivery_statuses_climb_and_failure_has_no_rank() {
        assertThat(DeliveryStatus.ACCEPTED.rank()).isEqualTo(1);
        assertThat(DeliveryStatus.READ.rank()).isEqualTo(6);
        assertThat(DeliveryStatus.FAILED.rank()).isZero();
    }

    private static Conversation with(Conversation like, ConversationStatus status, Deadline deadline) {
        return new Conversation(
                like.id(),
                like.address(),
                null,
                status,
                null,
                null,
                like.bot(),
                1,
                1,
                0,
                0,
                0,
                null,
                deadline,
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                null);
    }
}
