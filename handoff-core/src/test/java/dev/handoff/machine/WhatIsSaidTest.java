package dev.handoff.machine;

import static dev.handoff.machine.Stage.ANA;
import static dev.handoff.machine.Stage.BIA;
import static dev.handoff.machine.Stage.DEADLINES;
import static dev.handoff.machine.Stage.HOST;
import static dev.handoff.policy.HandoffPolicies.botFailed;
import static dev.handoff.policy.HandoffPolicies.lowConfidence;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.model.BotState;
import dev.handoff.model.Content;
import dev.handoff.model.Delivery;
import dev.handoff.model.Direction;
import dev.handoff.model.EventType;
import dev.handoff.model.HandoffRequest;
import dev.handoff.model.Message;
import dev.handoff.model.MessageOwner;
import dev.handoff.policy.HandoffPolicies;
import dev.handoff.policy.Notices;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the customer is told, by whom, and what is thought but never said. */
class WhatIsSaidTest {
    private static final String HALF = "x".repeat(Stage.LONGEST_TEXT - 10) + ".";
    private static final String LONG = HALF + " " + HALF;

    private final Stage stage = new Stage();

    @Test
    void a_handoff_says_one_notice_and_a_release_another() {
        stage.begin("oi").does(Stage.asksForHuman());
        assertThat(stage.lastSaid()).containsExactly("SYSTEM: Vou chamar uma pessoa.");
        stage.does(new Command.AssignAgent(ANA.asActor(), ANA));
        assertThat(stage.lastSaid()).isEmpty();
        stage.does(new Command.TransferToAgent(ANA.asActor(), BIA, null));
        assertThat(stage.lastSaid()).isEmpty();
        stage.does(new Command.ReleaseToBot(BIA.asActor(), null, null));
        assertThat(stage.lastSaid()).containsExactly("SYSTEM: Você voltou ao assistente.");
    }

    @Test
    void a_takeover_is_silent() {
        stage.begin("oi").does(new Command.TakeOver(ANA));
        assertThat(stage.lastSaid()).isEmpty();
    }

    @Test
    void notices_speak_in_the_new_epoch_so_that_the_fence_of_the_old_one_does_not_silence_them() {
        stage.begin("humano");
        Message notice = stage.last().messages().get(1);

        assertThat(notice.owner()).isEqualTo(MessageOwner.SYSTEM);
        assertThat(notice.delivery()).isEqualTo(Delivery.QUEUED);
        assertThat(notice.epoch()).isEqualTo(2);
    }

    @Test
    void a_farewell_that_comes_with_the_bots_handoff_is_the_notice_and_not_a_bot_message() {
        stage.begin("oi").botReplies(new BotReply.HandOver("too hard", "tried twice", "sales", 3, "Um momento."));

        assertThat(stage.lastSaid()).containsExactly("SYSTEM: Um momento.");
        assertThat(stage.lastEvents()).containsExactly(EventType.HANDOFF_REQUESTED, EventType.NEW_MESSAGE);
        assertThat(stage.conversation().handoff()).satisfies(handoff -> {
            assertThat(handoff.reason()).isEqualTo("too hard");
            assertThat(handoff.summary()).isEqualTo("tried twice");
            assertThat(handoff.queue()).isEqualTo("sales");
            assertThat(handoff.priority()).isEqualTo(3);
        });
    }

    @Test
    void without_a_farewell_the_bots_handoff_says_the_notice() {
        stage.begin("oi").botReplies(BotReply.handOver("too hard"));
        assertThat(stage.lastSaid()).containsExactly("SYSTEM: Vou chamar uma pessoa.");
    }

    @Test
    void notices_can_be_silenced() {
        Stage quiet = new Stage(HandoffPolicies.never(), DEADLINES, Notices.off()).begin("oi");
        quiet.does(Stage.asksForHuman());
        assertThat(quiet.lastSaid()).isEmpty();
        quiet.does(new Command.ReleaseToBot(HOST, null, null));
        assertThat(quiet.lastSaid()).isEmpty();
    }

    @Test
    void a_blank_text_says_nothing_since_no_channel_takes_an_empty_message() {
        stage.begin("oi").does(new Command.RequestHandoff(HOST, new HandoffRequest("vip", null, "default", 0, " ")));
        assertThat(stage.lastSaid()).isEmpty();

        Stage unsure = new Stage().begin("oi").botReplies(new BotReply.DontKnow(""));
        assertThat(unsure.lastSaid()).isEmpty();
        assertThat(unsure.conversation().owesBotTurn()).isFalse();

        Stage ended = new Stage().begin("oi").botReplies(new BotReply.End(false, "bye", "\n"));
        assertThat(ended.lastSaid()).isEmpty();
    }

    @Test
    void the_bot_says_one_message_for_each_content_and_has_answered() {
        stage.begin("oi").botReplies(new BotReply.Say(List.of(Content.text("olá"), Content.text("tudo bem?")), 1));

        assertThat(stage.lastSaid()).containsExactly("BOT: olá", "BOT: tudo bem?");
        assertThat(stage.conversation().owesBotTurn()).isFalse();
        assertThat(stage.conversation().bot()).isEqualTo(new BotState(1, 0, 1));
    }

    @Test
    void silence_is_an_answer() {
        stage.begin("oi").botReplies(BotReply.silence());

        assertThat(stage.lastSaid()).isEmpty();
        assertThat(stage.conversation().owesBotTurn()).isFalse();
    }

    @Test
    void a_reply_answers_what_its_turn_knew_and_what_came_since_is_still_owed() {
        stage.begin("um");
        Command reply = stage.botReply(BotReply.text("echo: um"));
        stage.hears("dois").does(reply);

        assertThat(stage.lastSaid()).containsExactly("BOT: echo: um");
        assertThat(stage.conversation().owesBotTurn()).isTrue();
        assertThat(stage.conversation().bot().answeredSeq()).isEqualTo(1);
    }

    @Test
    void I1_a_reply_of_an_epoch_that_is_over_is_kept_as_suppressed() {
        stage.begin("oi");
        Command late = stage.botReply(BotReply.text("olá"));
        stage.does(new Command.TakeOver(ANA)).does(late);

        assertThat(stage.last().messages()).singleElement().satisfies(thought -> {
            assertThat(thought.delivery()).isEqualTo(Delivery.SUPPRESSED);
            assertThat(thought.owner()).isEqualTo(MessageOwner.BOT);
            assertThat(thought.epoch()).isEqualTo(1);
        });
        assertThat(stage.lastEvents()).containsExactly(EventType.BOT_REPLY_SUPPRESSED);
        assertThat(stage.state()).isEqualTo(State.ASSIGNED);
    }

    @Test
    void I1_a_reply_is_suppressed_even_when_the_bot_has_got_control_back_meanwhile() {
        stage.begin("oi");
        Command late = stage.botReply(BotReply.text("olá"));
        stage.does(new Command.TakeOver(ANA))
                .does(new Command.ReleaseToBot(HOST, null, null))
                .hears("e agora?")
                .does(late);

        assertThat(stage.lastEvents()).containsExactly(EventType.BOT_REPLY_SUPPRESSED);
        assertThat(stage.conversation().owesBotTurn()).isTrue();
    }

    @Test
    void a_late_handover_changes_nothing_but_its_farewell_is_kept() {
        stage.begin("oi");
        Command late = stage.botReply(new BotReply.HandOver("too hard", null, "sales", 0, "Um momento."));
        Command silent = stage.botReply(BotReply.silence());
        stage.does(new Command.TakeOver(ANA)).does(late);

        assertThat(stage.state()).isEqualTo(State.ASSIGNED);
        assertThat(stage.conversation().epoch()).isEqualTo(2);
        assertThat(stage.lastEvents()).containsExactly(EventType.BOT_REPLY_SUPPRESSED);
        assertThat(stage.tries(silent)).isInstanceOf(Decision.Rejected.class);
    }

    @Test
    void a_second_answer_to_the_same_messages_is_suppressed() {
        stage.begin("oi");
        Command first = stage.botReply(BotReply.text("olá"));
        Command second = stage.botReply(BotReply.text("oi!"));
        stage.does(first).does(second);

        assertThat(stage.lastEvents()).containsExactly(EventType.BOT_REPLY_SUPPRESSED);
        assertThat(stage.conversation().bot().turnsInARow()).isEqualTo(1);
    }

    @Test
    void a_reply_that_the_policy_turns_into_a_handoff_is_kept_and_not_sent() {
        Stage careful = new Stage(lowConfidence(0.5)).begin("oi").hears("tudo bem?");
        careful.botReplies(BotReply.text("acho que sim", 0.4));

        assertThat(careful.state()).isEqualTo(State.WAITING_AGENT);
        assertThat(careful.lastSaid()).containsExactly("BOT: acho que sim", "SYSTEM: Vou chamar uma pessoa.");
        assertThat(careful.last().messages().get(0).delivery()).isEqualTo(Delivery.SUPPRESSED);
        assertThat(careful.conversation().handoff().reason()).isEqualTo("low_confidence");
    }

    @Test
    void a_bot_that_does_not_know_says_so_until_the_policy_has_heard_it_often_enough() {
        Stage patient = new Stage(botFailed(2)).begin("oi").botReplies(new BotReply.DontKnow("Não sei."));
        assertThat(patient.lastSaid()).containsExactly("BOT: Não sei.");
        patient.hears("e isso?").botReplies(new BotReply.DontKnow("Também não."));

        assertThat(patient.state()).isEqualTo(State.WAITING_AGENT);
        assertThat(patient.last().messages().get(0).delivery()).isEqualTo(Delivery.SUPPRESSED);
        assertThat(patient.conversation().handoff().reason()).isEqualTo("bot_failed");
    }

    @Test
    void an_answer_in_between_forgives_the_failures() {
        Stage patient = new Stage(botFailed(2)).begin("oi").botReplies(BotReply.dontKnow());
        patient.hears("oi?").botReplies(BotReply.text("olá")).hears("e?").botReplies(BotReply.dontKnow());

        assertThat(patient.state()).isEqualTo(State.PROGRESS);
    }

    @Test
    void a_failed_turn_is_still_owed_and_the_last_attempt_calls_a_human_whatever_the_policy_says() {
        Stage stubborn = new Stage(HandoffPolicies.never()).begin("oi");
        stubborn.does(stubborn.botFailure(false));
        assertThat(stubborn.conversation().owesBotTurn()).isTrue();
        assertThat(stubborn.lastEvents()).containsExactly(EventType.BOT_FAILED);
        assertThat(stubborn.last().events().get(0).data())
                .containsEntry("reason", "no model")
                .containsEntry("failuresInARow", "1");

        stubborn.does(stubborn.botFailure(true));
        assertThat(stubborn.lastEvents())
                .containsExactly(EventType.BOT_FAILED, EventType.HANDOFF_REQUESTED, EventType.NEW_MESSAGE);
        assertThat(stubborn.conversation().handoff().reason()).isEqualTo("bot_failed");
    }

    @Test
    void a_failure_of_a_turn_that_is_over_counts_for_nothing() {
        stage.begin("oi");
        Command late = stage.botFailure(true);
        stage.botReplies(BotReply.text("olá"));
        assertThat(stage.tries(late)).isInstanceOf(Decision.Rejected.class);

        stage.does(new Command.TakeOver(ANA))
                .does(new Command.ReleaseToBot(HOST, null, null))
                .hears("oi?");
        assertThat(stage.tries(late)).isInstanceOf(Decision.Rejected.class);
    }

    @Test
    void the_bot_ends_a_conversation_with_a_farewell_that_is_sent() {
        stage.begin("tchau").botReplies(new BotReply.End(false, "bye", "Até logo!"));

        assertThat(stage.state()).isEqualTo(State.USER_CLOSED);
        assertThat(stage.lastSaid()).containsExactly("SYSTEM: Até logo!");
        assertThat(stage.last().messages().get(0).delivery()).isEqualTo(Delivery.QUEUED);
    }

    @Test
    void whatever_the_bot_says_is_cut_into_pieces_that_the_channel_takes() {
        Stage replies = new Stage(HandoffPolicies.never()).begin("oi").botReplies(BotReply.text(LONG));
        assertThat(replies.lastSaid()).containsExactly("BOT: " + HALF, "BOT: " + HALF);

        Stage unsure = new Stage(HandoffPolicies.never()).begin("oi").botReplies(new BotReply.DontKnow(LONG));
        assertThat(unsure.lastSaid()).containsExactly("BOT: " + HALF, "BOT: " + HALF);
        assertThat(unsure.conversation().owesBotTurn()).isFalse();
    }

    @Test
    void farewells_and_notices_are_cut_into_pieces_too() {
        Stage handsOver = new Stage().begin("oi").botReplies(new BotReply.HandOver("hard", null, "sales", 0, LONG));
        assertThat(handsOver.lastSaid()).containsExactly("SYSTEM: " + HALF, "SYSTEM: " + HALF);

        Stage ends = new Stage().begin("oi").botReplies(new BotReply.End(false, "bye", LONG));
        assertThat(ends.lastSaid()).containsExactly("SYSTEM: " + HALF, "SYSTEM: " + HALF);

        Stage called = new Stage().begin("oi");
        called.does(new Command.RequestHandoff(HOST, new HandoffRequest("vip", null, "default", 0, LONG)));
        assertThat(called.lastSaid()).containsExactly("SYSTEM: " + HALF, "SYSTEM: " + HALF);

        Stage wordy = new Stage(HandoffPolicies.never(), DEADLINES, new Notices(LONG, LONG, LONG)).begin("oi");
        wordy.does(Stage.asksForHuman());
        assertThat(wordy.lastSaid()).containsExactly("SYSTEM: " + HALF, "SYSTEM: " + HALF);
    }

    @Test
    void a_thought_that_is_suppressed_is_kept_in_one_piece() {
        stage.begin("oi");
        Command late = stage.botReply(BotReply.text(LONG));
        stage.does(new Command.TakeOver(ANA)).does(late);

        assertThat(stage.lastSaid()).containsExactly("BOT: " + LONG);
    }

    @Test
    void messages_and_events_have_dense_places_of_their_own() {
        stage.begin("humano").does(new Command.TakeOver(ANA)).does(new Command.AddNote(ANA.asActor(), "vip"));
        stage.does(new Command.AgentReplies(ANA.asActor(), Content.text("olá")));

        assertThat(stage.allMessages).extracting(message -> message.id().seq()).containsExactly(1L, 2L, 3L, 4L);
        assertThat(stage.allEvents).extracting(event -> event.seq()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
        assertThat(stage.allMessages.get(2).direction()).isEqualTo(Direction.INTERNAL);
        assertThat(stage.conversation().lastSeq()).isEqualTo(4);
        assertThat(stage.conversation().eventSeq()).isEqualTo(7);
    }

    @Test
    void a_customers_message_is_kept_as_it_came() {
        stage.begin("  oi \n");

        assertThat(stage.last().messages().get(0)).satisfies(message -> {
            assertThat(message.content().text()).isEqualTo("  oi \n");
            assertThat(message.owner()).isEqualTo(MessageOwner.CUSTOMER);
            assertThat(message.providerMessageId()).isEqualTo("in-1");
            assertThat(message.delivery()).isNull();
        });
        assertThat(stage.conversation().customerName()).isEqualTo("Maria");
        assertThat(stage.conversation().lastInboundAt()).isEqualTo(stage.now);
    }
}
