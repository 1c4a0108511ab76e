package dev.handoff.policy;

import static dev.handoff.policy.HandoffPolicies.botFailed;
import static dev.handoff.policy.HandoffPolicies.customerAsksForHuman;
import static dev.handoff.policy.HandoffPolicies.firstOf;
import static dev.handoff.policy.HandoffPolicies.lowConfidence;
import static dev.handoff.policy.HandoffPolicies.never;
import static dev.handoff.policy.HandoffPolicies.tooManyBotTurns;
import static dev.handoff.policy.HandoffPolicies.whenCustomerWrites;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.InboundMessage;
import dev.handoff.machine.ConversationStateMachine;
import dev.handoff.model.BotState;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.HandoffRequest;
import dev.handoff.model.Media;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a human is called. */
class HandoffPoliciesTest {
    private static final ConversationAddress MARIA = new ConversationAddress("acme", "fake", "inbox", "maria");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "humano",
                "HUMANO!",
                "Quero falar com um atendente, por favor.",
                "tem alguma pessoa aí?",
                "me passa para uma humana",
                "atendente",
                "I want a human",
                "Agent!!!",
                "can I talk to a real person?",
                "(human)",
                "human.please",
                "¿Puedo hablar con una persona?",
                "quiero un AGENTE",
                "pásame con un asesor",
                "¡Asesora, por favor!",
                "Atendénte",
                "hu\u0301mano",
                "1. falar com atendente\n2. sair",
                "👋humano👋"
            })
    void a_customer_asks_for_a_person_in_three_languages(String text) {
        assertThat(decides(customerAsksForHuman(), wrote(text))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "personagem",
                "agentes secretos",
                "humanidade",
                "direitos humanos",
                "pessoalmente",
                "o atendimento foi ótimo",
                "personal",
                "impersonate",
                "agency",
                "reagente químico",
                "personalidad",
                "asesoramiento",
                "humanoid",
                "desumano",
                "h u m a n o",
                "humano123",
                "obrigada",
                " ",
                "👍"
            })
    void words_that_only_contain_such_a_word_do_not_count(String text) {
        assertThat(decides(customerAsksForHuman(), wrote(text))).isFalse();
    }

    @Test
    void media_without_text_ask_for_nobody() {
        Content photo = new Content(null, List.of(new Media("https://example.org/1", "image/jpeg")), null);
        assertThat(decides(customerAsksForHuman(), wrote(photo))).isFalse();
    }

    @Test
    void the_hosts_own_words_and_phrases_count_as_well() {
        HandoffPolicy policy = customerAsksForHuman("gerente", "falar com alguém");

        assertThat(decides(policy, wrote("Chame o GERENTE"))).isTrue();
        assertThat(decides(policy, wrote("queria falar com   alguem, pode ser?")))
                .isTrue();
        assertThat(decides(policy, wrote("falar... com\nalguém"))).isTrue();
        assertThat(decides(policy, wrote("falar sem alguém"))).isFalse();
        assertThat(decides(policy, wrote("subgerente"))).isFalse();
        assertThat(decides(policy, wrote("humano"))).isTrue();
    }

    @Test
    void a_word_without_letter_or_digit_cannot_be_listened_for() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> customerAsksForHuman("?!"))
                .withMessageContaining("letter");
    }

    @Test
    void asking_concerns_the_customer_and_not_the_bot() {
        assertThat(decides(customerAsksForHuman(), answered(BotReply.text("um humano já vem"), 0)))
                .isFalse();
        assertThat(customerAsksForHuman().decide(wrote("humano")).orElseThrow().reason())
                .isEqualTo("customer_request");
    }

    @Test
    void a_bot_that_failed_or_did_not_know_so_often_in_a_row() {
        assertThat(decides(botFailed(2), failed(1))).isFalse();
        assertThat(decides(botFailed(2), failed(2))).isTrue();
        assertThat(decides(botFailed(2), answered(BotReply.dontKnow(), 1))).isFalse();
        assertThat(decides(botFailed(2), answered(BotReply.dontKnow(), 2))).isTrue();
        assertThat(decides(botFailed(1), answered(BotReply.text("sei"), 0))).isFalse();
        assertThat(decides(botFailed(1), wrote("oi"))).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> botFailed(0));
    }

    @Test
    void a_bot_that_is_not_sure() {
        assertThat(decides(lowConfidence(0.5), answered(BotReply.text("talvez", 0.49), 0)))
                .isTrue();
        assertThat(decides(lowConfidence(0.5), answered(BotReply.text("sim", 0.5), 0)))
                .isFalse();
        assertThat(decides(lowConfidence(1), answered(BotReply.text("claro"), 0)))
                .isFalse();
        assertThat(decides(lowConfidence(0.5), answered(BotReply.silence(), 0))).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> lowConfidence(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> lowConfidence(1.1));
    }

    @Test
    void a_bot_that_has_replied_too_often() {
        assertThat(decides(tooManyBotTurns(3), wrote("e agora?", new BotState(9, 0, 2))))
                .isFalse();
        assertThat(decides(tooManyBotTurns(3), wrote("e agora?", new BotState(9, 0, 3))))
                .isTrue();
        assertThatIllegalArgumentException().isThrownBy(() -> tooManyBotTurns(0));
    }

    @Test
    void the_hosts_own_rule() {
        HandoffPolicy swearing = whenCustomerWrites(
                wrote -> "!@#".equals(wrote.message().content().text()), HandoffRequest.because("angry"));

        assertThat(swearing.decide(wrote("!@#"))).contains(HandoffRequest.because("angry"));
        assertThat(decides(swearing, wrote("oi"))).isFalse();
        assertThat(decides(swearing, failed(9))).isFalse();
    }

    @Test
    void of_several_the_first_that_says_yes_decides() {
        HandoffPolicy policy = firstOf(never(), customerAsksForHuman().inQueue("vip"), always("late"));

        assertThat(policy.decide(wrote("humano")).orElseThrow().queue()).isEqualTo("vip");
        assertThat(policy.decide(wrote("oi")).orElseThrow().reason()).isEqualTo("late");
        assertThat(firstOf().decide(wrote("humano"))).isEmpty();
    }

    @Test
    void a_policy_takes_another_queue_and_priority_and_keeps_the_rest() {
        HandoffRequest asked = new HandoffRequest("angry", "swears", "default", 0, "Calma!");
        HandoffPolicy policy =
                whenCustomerWrites(wrote -> true, asked).inQueue("vip").withPriority(5);

        assertThat(policy.decide(wrote("!"))).contains(new HandoffRequest("angry", "swears", "vip", 5, "Calma!"));
        assertThat(never().inQueue("vip").withPriority(1).decide(wrote("!"))).isEmpty();
    }

    private static HandoffPolicy always(String reason) {
        return situation -> Optional.of(HandoffRequest.because(reason));
    }

    private static boolean decides(HandoffPolicy policy, HandoffPolicy.Situation situation) {
        return policy.decide(situation).isPresent();
    }

    private static HandoffPolicy.Situation wrote(String text) {
        return wrote(Content.text(text));
    }

    private static HandoffPolicy.Situation wrote(Content content) {
        return new HandoffPolicy.CustomerWrote(conversation(null), message(content));
    }

    private static HandoffPolicy.Situation wrote(String text, BotState bot) {
        return new HandoffPolicy.CustomerWrote(conversation(bot), message(Content.text(text)));
    }

    private static HandoffPolicy.Situation answered(BotReply reply, int failuresInARow) {
        return new HandoffPolicy.BotAnswered(conversation(null), reply, failuresInARow);
    }

    private static HandoffPolicy.Situation failed(int failuresInARow) {
        return new HandoffPolicy.BotFailed(conversation(null), failuresInARow);
    }

    private static InboundMessage message(Content content) {
        return new InboundMessage(MARIA, "in-1", content, null, Map.of());
    }

    private static Conversation conversation(@Nullable BotState bot) {
        Conversation begun = new ConversationStateMachine(
                        never(), Deadlines.defaults(), Notices.off(), channel -> 100, address -> Optional.empty())
                .begin(
                        new ConversationId("acme", new UUID(1, 1)),
                        null,
                        message(Content.text("oi")),
                        Instant.parse("2030-01-15T12:00:00Z"))
                .next();
        return bot == null
                ? begun
                : new Conversation(
                        begun.id(),
                        begun.address(),
                        null,
                        begun.status(),
                        null,
                        null,
                        bot,
                        begun.epoch(),
                        begun.version(),
                        begun.lastSeq(),
                        begun.eventSeq(),
                        begun.inboundSeq(),
                        begun.lastInboundAt(),
                        begun.deadline(),
                        null,
                        begun.createdAt(),
                        begun.updatedAt(),
                        null);
    }
}
