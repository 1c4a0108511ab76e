package dev.handoff.machine;

import static dev.handoff.machine.Stage.ANA;
import static dev.handoff.machine.Stage.BIA;
import static dev.handoff.machine.Stage.DEADLINES;
import static dev.handoff.machine.Stage.HOST;
import static dev.handoff.machine.Stage.SUE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.model.BotState;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.EventType;
import dev.handoff.model.HandBack;
import dev.handoff.model.Holder;
import dev.handoff.model.HumanHandoff;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Control changing hands: the epoch, and what a conversation keeps of its human stretch. */
class ControlTest {
    private final Stage stage = new Stage();

    @Test
    void the_epoch_starts_at_1_and_rises_by_1_with_each_new_holder() {
        stage.begin("oi");
        assertThat(stage.conversation().epoch()).isEqualTo(1);
        stage.does(Stage.asksForHuman());
        assertThat(stage.conversation().epoch()).isEqualTo(2);
        stage.does(new Command.AssignAgent(ANA.asActor(), ANA));
        assertThat(stage.conversation().epoch()).isEqualTo(3);
        stage.does(new Command.TransferToAgent(ANA.asActor(), BIA, null));
        assertThat(stage.conversation().epoch()).isEqualTo(4);
        stage.does(new Command.TakeOver(SUE));
        assertThat(stage.conversation().epoch()).isEqualTo(5);
        stage.does(new Command.TransferToQueue(SUE.asActor(), "sales", null));
        assertThat(stage.conversation().epoch()).isEqualTo(6);
        stage.does(new Command.ReleaseToBot(HOST, null, null));
        assertThat(stage.conversation().epoch()).isEqualTo(7);
        stage.does(new Command.End(HOST, false, "bye"));
        assertThat(stage.conversation().epoch()).isEqualTo(8);
        assertThat(stage.conversation().holder()).isEqualTo(new Holder.Nobody());
    }

    @Test
    void the_epoch_stays_while_the_holder_stays() {
        stage.reach(State.PENDING).hears("oi").botReplies(BotReply.text("olá"));
        assertThat(stage.conversation().epoch()).isEqualTo(1);
        stage.hears("humano").hears("alguém?").does(new Command.TransferToQueue(SUE.asActor(), "sales", "hot"));
        assertThat(stage.conversation().epoch()).isEqualTo(2);
        stage.does(new Command.TakeOver(ANA))
                .does(new Command.AgentReplies(ANA.asActor(), Content.text("olá")))
                .does(new Command.AddNote(BIA.asActor(), "remember"))
                .hears("obrigada");
        assertThat(stage.conversation().epoch()).isEqualTo(3);
    }

    @Test
    void a_first_message_that_asks_for_a_person_opens_in_the_queue_and_never_was_the_bots_to_answer() {
        stage.begin("quero um humano");

        assertThat(stage.state()).isEqualTo(State.WAITING_AGENT);
        assertThat(stage.conversation().epoch()).isEqualTo(2);
        assertThat(stage.conversation().version()).isEqualTo(1);
        assertThat(stage.conversation().owesBotTurn()).isFalse();
        assertThat(stage.lastEvents())
                .containsExactly(
                        EventType.CONVERSATION_OPENED,
                        EventType.NEW_MESSAGE,
                        EventType.HANDOFF_REQUESTED,
                        EventType.NEW_MESSAGE);
    }

    @Test
    void a_handoff_keeps_when_and_why_it_began_through_assignment_transfer_and_close() {
        stage.begin("oi").does(Stage.asksForHuman()).passes(Duration.ofMinutes(1));
        HumanHandoff wanted = new HumanHandoff(Stage.NOON, "vip", "owes 3 euro", "sales", 7, null, false);
        assertThat(stage.conversation().handoff()).isEqualTo(wanted);

        stage.does(new Command.AssignAgent(ANA.asActor(), ANA));
        assertThat(stage.conversation().handoff()).isEqualTo(wanted.heldBy("ana"));
        stage.does(new Command.TransferToAgent(ANA.asActor(), BIA, null));
        assertThat(stage.conversation().handoff()).isEqualTo(wanted.heldBy("bia"));
        stage.does(new Command.TransferToQueue(BIA.asActor(), "billing", null));
        assertThat(stage.conversation().handoff()).isEqualTo(wanted.waitingIn("billing"));
        stage.does(new Command.TakeOver(ANA)).does(new Command.Close(ANA.asActor(), "solved"));
        assertThat(stage.conversation().handoff())
                .isEqualTo(wanted.waitingIn("billing").heldBy("ana"));
        assertThat(stage.conversation().agentId()).isEqualTo("ana");
    }

    @Test
    void a_takeover_from_the_bot_begins_a_stretch_of_its_own_and_one_from_the_queue_keeps_what_was_asked() {
        stage.begin("oi").does(new Command.TakeOver(ANA));
        assertThat(stage.conversation().handoff())
                .isEqualTo(new HumanHandoff(Stage.NOON, "takeover", null, "default", 0, "ana", false));

        Stage waiting = new Stage()
                .reach(State.WAITING_AGENT)
                .passes(Duration.ofMinutes(1))
                .does(new Command.TakeOver(ANA));
        assertThat(waiting.conversation().handoff())
                .isEqualTo(new HumanHandoff(Stage.NOON, "vip", "owes 3 euro", "sales", 7, "ana", false));
    }

    @Test
    void a_release_clears_the_handoff_and_leaves_the_bot_a_record_of_it() {
        stage.reach(State.ASSIGNED).passes(Duration.ofMinutes(2));
        stage.does(new Command.ReleaseToBot(ANA.asActor(), "solved", "she has paid"));

        assertThat(stage.conversation().handoff()).isNull();
        assertThat(stage.conversation().agentId()).isNull();
        assertThat(stage.conversation().handBack())
                .isEqualTo(new HandBack(Stage.NOON, stage.now, "ana", "solved", "she has paid"));
        assertThat(stage.last().events().get(0).data())
                .containsEntry("summary", "she has paid")
                .containsEntry("reason", "solved")
                .doesNotContainKeys("agentId", "queue", "handoffReason");
    }

    @Test
    void I8_a_release_tells_its_summary_though_the_one_before_was_the_same_in_every_word() {
        stage.reach(State.PROGRESS);
        for (int time = 0; time < 2; time++) {
            stage.does(Stage.asksForHuman());
            stage.does(new Command.ReleaseToBot(HOST, "solved", "she has paid"));

            assertThat(stage.last().events().get(0).data()).containsEntry("summary", "she has paid");
        }
    }

    @Test
    void a_change_of_control_says_from_whom_to_whom_and_why() {
        stage.begin("oi").does(Stage.asksForHuman());
        assertThat(stage.last().events().get(0).data())
                .containsAllEntriesOf(Map.of(
                        "from",
                        "bot",
                        "to",
                        "queue",
                        "reason",
                        "vip",
                        "queue",
                        "sales",
                        "priority",
                        "7",
                        "epoch",
                        "2"));
        stage.does(new Command.AssignAgent(SUE.asActor(), ANA));
        assertThat(stage.last().events().get(0)).satisfies(event -> {
            assertThat(event.actor()).isEqualTo("agent:sue");
            assertThat(event.data())
                    .containsAllEntriesOf(Map.of("from", "queue", "to", "agent:ana", "agentId", "ana", "epoch", "3"));
        });
    }

    @Test
    void a_transfer_with_a_note_leaves_the_note_before_it_and_a_blank_note_leaves_none() {
        stage.reach(State.ASSIGNED).does(new Command.TransferToAgent(ANA.asActor(), BIA, "VIP"));
        assertThat(stage.lastEvents()).containsExactly(EventType.NOTE_ADDED, EventType.CONVERSATION_TRANSFERRED);
        assertThat(stage.lastSaid()).containsExactly("AGENT: VIP");
        assertThat(stage.last().messages().get(0).delivery()).isNull();

        stage.does(new Command.TransferToAgent(BIA.asActor(), ANA, " "));
        assertThat(stage.lastEvents()).containsExactly(EventType.CONVERSATION_TRANSFERRED);
    }

    @Test
    void repeating_what_already_holds_changes_nothing() {
        stage.reach(State.WAITING_AGENT);
        assertThat(stage.tries(Stage.asksForHuman())).isEqualTo(new Decision.Unchanged());
        assertThat(stage.tries(new Command.TransferToQueue(SUE.asActor(), "sales", "again")))
                .isEqualTo(new Decision.Unchanged());

        Stage held = new Stage().reach(State.ASSIGNED);
        assertThat(held.tries(new Command.TakeOver(ANA))).isEqualTo(new Decision.Unchanged());
        assertThat(held.tries(new Command.AssignAgent(SUE.asActor(), ANA))).isEqualTo(new Decision.Unchanged());
        assertThat(held.tries(new Command.TransferToAgent(ANA.asActor(), ANA, null)))
                .isEqualTo(new Decision.Unchanged());
    }

    @Test
    void a_change_of_control_settles_what_the_bot_owed_and_counts_its_failures_anew() {
        stage.begin("oi").does(stage.botFailure(false));
        assertThat(stage.conversation().bot()).isEqualTo(new BotState(0, 1, 0));
        assertThat(stage.conversation().owesBotTurn()).isTrue();

        stage.does(new Command.TakeOver(ANA)).hears("alguém?");
        assertThat(stage.conversation().owesBotTurn()).isFalse();
        stage.does(new Command.ReleaseToBot(HOST, null, null));
        assertThat(stage.conversation().bot())
                .isEqualTo(BotState.settledUpTo(stage.conversation().inboundSeq()));
        assertThat(stage.conversation().owesBotTurn()).isFalse();
        stage.hears("e agora?");
        assertThat(stage.conversation().owesBotTurn()).isTrue();
    }

    @Test
    void ends_keep_how_they_came_about_and_when() {
        stage.reach(State.ASSIGNED).passes(Duration.ofMinutes(3)).does(new Command.Close(ANA.asActor(), "solved"));
        assertThat(stage.conversation().closedAt()).isEqualTo(stage.now);
        assertThat(stage.conversation().deadline()).isNull();
        assertThat(stage.lastEvents()).containsExactly(EventType.CONVERSATION_CLOSED);
        assertThat(stage.last().events().get(0).data())
                .containsEntry("reason", "solved")
                .containsEntry("status", "AGENT_CLOSED");

        stage.passes(Duration.ofHours(1)).does(new Command.AddNote(ANA.asActor(), "called back"));
        assertThat(stage.conversation().closedAt()).isEqualTo(Stage.NOON.plus(Duration.ofMinutes(3)));
        assertThat(stage.conversation().status()).isEqualTo(ConversationStatus.AGENT_CLOSED);
    }

    @Test
    void the_host_ends_a_conversation_wherever_it_stands() {
        for (State open : new State[] {State.PENDING, State.PROGRESS, State.WAITING_AGENT, State.ASSIGNED}) {
            assertThat(new Stage()
                            .reach(open)
                            .does(new Command.End(HOST, true, "broken"))
                            .state())
                    .isEqualTo(State.FAILED);
            assertThat(new Stage()
                            .reach(open)
                            .does(new Command.End(HOST, false, "bye"))
                            .state())
                    .isEqualTo(State.USER_CLOSED);
        }
    }

    @Test
    void a_conversation_is_linked_to_the_one_before_it() {
        var previous = Stage.id();
        var next = stage.machine.begin(
                new dev.handoff.model.ConversationId("acme", new java.util.UUID(1, 2)),
                previous,
                stage.written("oi"),
                stage.now);

        assertThat(next.next().previous()).isEqualTo(previous);
        assertThat(next.events().get(0).data()).containsEntry("previousConversationId", previous.text());
    }

    @Test
    void a_pending_conversation_is_opened_by_the_host_greets_and_is_the_bots_once_the_customer_writes() {
        stage.keep(stage.machine.open(Stage.id(), null, Stage.MARIA, Content.text("Sua encomenda chegou."), stage.now));
        assertThat(stage.state()).isEqualTo(State.PENDING);
        assertThat(stage.lastSaid()).containsExactly("SYSTEM: Sua encomenda chegou.");
        assertThat(stage.conversation().owesBotTurn()).isFalse();
        assertThat(stage.conversation().deadline()).isNotNull();

        stage.hears("obrigada");
        assertThat(stage.state()).isEqualTo(State.PROGRESS);
        assertThat(stage.conversation().epoch()).isEqualTo(1);
        assertThat(stage.conversation().owesBotTurn()).isTrue();
        assertThat(stage.last().events().get(0).data()).containsEntry("status", "PROGRESS");
    }

    @Test
    void a_pending_conversation_expires() {
        stage.reach(State.PENDING).passes(DEADLINES.customerSilent()).does(new Command.DeadlinePasses());
        assertThat(stage.state()).isEqualTo(State.EXPIRED);
    }
}
