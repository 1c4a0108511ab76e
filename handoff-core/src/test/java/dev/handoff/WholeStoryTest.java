package dev.handoff;

import static dev.handoff.policy.Deadlines.thenRelease;
import static dev.handoff.policy.HandoffPolicies.botFailed;
import static dev.handoff.policy.HandoffPolicies.customerAsksForHuman;
import static dev.handoff.policy.HandoffPolicies.firstOf;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Rejection;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.Delivery;
import dev.handoff.model.EventType;
import dev.handoff.model.HandoffPhase;
import dev.handoff.model.MessageOwner;
import dev.handoff.policy.Deadlines;
import dev.handoff.testing.FakeCustomer;
import dev.handoff.testing.HandoffTestKit;
import dev.handoff.testing.ScriptedBot;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The story that the library exists for, told with the kit that integrators use. */
class WholeStoryTest {
    private final ScriptedBot bot = new ScriptedBot().otherwise(turn -> BotReply.text("echo: " + turn.text()));
    private final HandoffTestKit kit = HandoffTestKit.configured(builder -> builder.bot(bot)
            .policy(firstOf(customerAsksForHuman(), botFailed(2)))
            .deadlines(Deadlines.defaults().agentSilent(ofMinutes(10), thenRelease())));
    private final FakeCustomer maria = kit.customer("whatsapp:+5511987654321");

    @AfterEach
    void close() {
        kit.close();
    }

    @Test
    void a_customer_is_answered_by_the_bot_asks_for_a_person_and_is_given_back_when_the_agent_goes_away() {
        maria.says("oi");
        maria.says("quero falar com um ATENDENTE");
        kit.agent("ana").takes(maria).says("Oi, Maria!");
        kit.advance(ofMinutes(11));

        assertThat(maria.hears())
                .containsExactly(
                        "echo: oi",
                        "Vou chamar uma pessoa.",
                        "Oi, Maria!",
                        "Desculpe, ninguém pôde atender agora. Você voltou ao assistente.");
        assertThat(maria.conversation().status()).isEqualTo(ConversationStatus.PROGRESS);
        assertThat(maria.conversation().epoch()).isEqualTo(4);
    }

    @Test
    void the_bot_stays_silent_while_a_human_holds_the_conversation_and_speaks_again_after_the_release() {
        maria.says("oi");
        var ana = kit.agent("ana").takesOver(maria);
        maria.says("alguém aí?");
        ana.says("Sou eu.").releases();
        maria.says("obrigada");

        assertThat(maria.hears())
                .containsExactly("echo: oi", "Sou eu.", "Você voltou ao assistente.", "echo: obrigada");
        assertThat(bot.turns().get(1).handBack())
                .isNotNull()
                .satisfies(back -> assertThat(back.agentId()).isEqualTo("ana"));
    }

    @Test
    void what_is_too_long_for_one_message_is_heard_in_pieces_farewells_included() {
        String half = "x".repeat(1500) + ".";
        bot.replies(new BotReply.DontKnow(half + " " + half))
                .replies(new BotReply.HandOver("too hard", null, "default", 0, half + " " + half));
        maria.says("oi");
        maria.says("oi?");

        assertThat(maria.hears()).containsExactly(half, half, half, half);
    }

    @Test
    void messages_that_arrive_while_the_bot_thinks_are_one_next_turn() throws Exception {
        maria.writes("um").writes("dois").writes("três");
        kit.settle();

        assertThat(maria.hears()).containsExactly("echo: um\ndois\ntrês");
    }

    @Test
    void I1_a_reply_thought_up_before_a_takeover_is_kept_as_suppressed_and_never_sent() throws Exception {
        try (var gate = bot.holdTurns()) {
            maria.writes("oi");
            Thread worker = new Thread(() -> kit.handoff().runBotTurnsOnce());
            worker.start();
            gate.awaitHeld();
            CommandResult.Done takeover =
                    kit.agent("ana").desk().takeOver(maria.conversation().id()).orThrow();
            gate.open();
            worker.join();
            kit.settle();

            assertThat(takeover.inFlight()).isEmpty();
            assertThat(maria.hears()).isEmpty();
            assertThat(maria.history())
                    .filteredOn(message -> message.owner() == MessageOwner.BOT)
                    .singleElement()
                    .satisfies(thought -> {
                        assertThat(thought.delivery()).isEqualTo(Delivery.SUPPRESSED);
                        assertThat(thought.content().text()).isEqualTo("echo: oi");
                        assertThat(thought.epoch()).isEqualTo(1);
                    });
        }
    }

    @Test
    void a_bot_that_fails_twice_hands_over_and_the_customer_is_told_once() {
        bot.fails(new IllegalStateException("no model")).fails(new IllegalStateException("no model"));
        maria.says("oi");
        kit.advance(ofSeconds(5));

        assertThat(maria.hears()).containsExactly("Vou chamar uma pessoa.");
        assertThat(maria.conversation().phase()).isEqualTo(HandoffPhase.WAITING_AGENT);
        assertThat(maria.conversation().handoff())
                .isNotNull()
                .satisfies(handoff -> assertThat(handoff.reason()).isEqualTo("bot_failed"));
    }

    @Test
    void nobody_waits_for_ever_in_the_queue() {
        maria.says("humano");
        kit.advance(ofMinutes(6));

        assertThat(maria.hears())
                .containsExactly(
                        "Vou chamar uma pessoa.", "Desculpe, ninguém pôde atender agora. Você voltou ao assistente.");
        assertThat(eventTypes()).containsSubsequence(EventType.DEADLINE_WARNING, EventType.RELEASED_TO_BOT);
    }

    @Test
    void silence_ends_the_conversation_and_the_next_message_opens_a_new_one_linked_to_it() {
        maria.says("oi");
        var first = maria.conversation();
        kit.advance(ofHours(25));
        assertThat(maria.conversation().status()).isEqualTo(ConversationStatus.EXPIRED);
        maria.says("oi de novo");

        assertThat(maria.conversation().previous()).isEqualTo(first.id());
        assertThat(maria.conversation().epoch()).isEqualTo(1);
    }

    @Test
    void I2_of_two_agents_who_take_one_conversation_one_wins() {
        maria.says("humano");
        kit.agent("ana").takes(maria);
        CommandResult second =
                kit.agent("bia").desk().assign(maria.conversation().id());

        assertThat(second)
                .isInstanceOfSatisfying(
                        CommandResult.Refused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(new Rejection.HeldByAnother("ana")));
    }

    @Test
    void I6_the_feed_tells_the_story_in_order() {
        maria.says("humano");
        kit.agent("ana").takes(maria).closes();

        assertThat(kit.handoff().feed("default", 0, 100))
                .extracting(entry -> entry.event().type())
                .filteredOn(type -> type != EventType.DELIVERY_UPDATED)
                .containsExactly(
                        EventType.CONVERSATION_OPENED,
                        EventType.NEW_MESSAGE,
                        EventType.HANDOFF_REQUESTED,
                        EventType.NEW_MESSAGE,
                        EventType.AGENT_ASSIGNED,
                        EventType.CONVERSATION_CLOSED);
    }

    private List<EventType> eventTypes() {
        return kit.handoff().history().events(maria.conversation().id(), 0, 1000).stream()
                .map(event -> event.type())
                .toList();
    }
}
