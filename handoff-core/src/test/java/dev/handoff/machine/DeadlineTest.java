package dev.handoff.machine;

import static dev.handoff.machine.Stage.ANA;
import static dev.handoff.machine.Stage.BIA;
import static dev.handoff.machine.Stage.DEADLINES;
import static dev.handoff.machine.Stage.NOON;
import static dev.handoff.machine.Stage.SUE;
import static dev.handoff.policy.Deadlines.thenEscalate;
import static dev.handoff.policy.Deadlines.thenRelease;
import static dev.handoff.policy.Deadlines.thenRequeue;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.model.Content;
import dev.handoff.model.Deadline;
import dev.handoff.model.Deadline.Kind;
import dev.handoff.model.EventType;
import dev.handoff.policy.Deadlines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nobody waits for ever (I5): which deadline a state has, what moves it, and where each leads. */
class DeadlineTest {
    private static final Command PASSES = new Command.DeadlinePasses();

    @Test
    void while_the_bot_holds_the_customers_silence_counts_from_their_last_message() {
        Stage stage = new Stage().begin("oi");
        assertThat(deadline(stage)).isEqualTo(new Deadline(Kind.CUSTOMER_SILENT, NOON.plus(ofHours(24)), null));

        stage.passes(ofHours(1)).botReplies(BotReply.text("olá"));
        assertThat(deadline(stage).at()).isEqualTo(NOON.plus(ofHours(24)));
        stage.hears("ainda aqui");
        assertThat(deadline(stage).at()).isEqualTo(NOON.plus(ofHours(25)));
    }

    @Test
    void a_waiting_conversation_is_due_from_the_request_and_the_customers_messages_do_not_move_that() {
        Stage stage = new Stage().begin("humano");
        Deadline waiting = new Deadline(Kind.WAITING, NOON.plus(ofMinutes(5)), NOON.plus(ofMinutes(4)));
        assertThat(deadline(stage)).isEqualTo(waiting);

        stage.passes(ofMinutes(1)).hears("alguém?");
        assertThat(deadline(stage)).isEqualTo(waiting);
    }

    @Test
    void a_held_conversation_is_due_from_the_assignment_and_each_act_of_the_holder_moves_it() {
        Stage stage = new Stage().reach(State.ASSIGNED);
        assertThat(deadline(stage))
                .isEqualTo(new Deadline(Kind.AGENT_SILENT, NOON.plus(ofMinutes(10)), NOON.plus(ofMinutes(8))));

        stage.passes(ofMinutes(9)).hears("alguém?");
        assertThat(deadline(stage).at()).isEqualTo(NOON.plus(ofMinutes(10)));
        stage.does(new Command.AddNote(BIA.asActor(), "not the holder"));
        assertThat(deadline(stage).at()).isEqualTo(NOON.plus(ofMinutes(10)));
        stage.does(new Command.AddNote(ANA.asActor(), "the holder"));
        assertThat(deadline(stage).at()).isEqualTo(NOON.plus(ofMinutes(19)));
        stage.passes(ofMinutes(1)).does(new Command.AgentReplies(ANA.asActor(), Content.text("oi")));
        assertThat(deadline(stage).at()).isEqualTo(NOON.plus(ofMinutes(20)));
        assertThat(deadline(stage).warnAt()).isEqualTo(NOON.plus(ofMinutes(18)));
    }

    @Test
    void a_transfer_and_a_release_begin_their_own_time() {
        Stage stage = new Stage().reach(State.ASSIGNED).passes(ofMinutes(3));
        stage.does(new Command.TransferToQueue(ANA.asActor(), "sales", null));
        assertThat(deadline(stage)).isEqualTo(DEADLINES.from(Kind.WAITING, stage.now));
        stage.passes(ofMinutes(1)).does(new Command.TransferToAgent(SUE.asActor(), BIA, null));
        assertThat(deadline(stage)).isEqualTo(DEADLINES.from(Kind.AGENT_SILENT, stage.now));
        stage.passes(ofMinutes(1)).does(new Command.ReleaseToBot(BIA.asActor(), null, null));
        assertThat(deadline(stage)).isEqualTo(DEADLINES.from(Kind.CUSTOMER_SILENT, stage.now));
    }

    @Test
    void I5_a_colleague_to_whom_an_agent_passes_a_conversation_has_all_of_the_time_to_answer() {
        Stage stage = new Stage().reach(State.ASSIGNED).passes(ofMinutes(7));
        stage.does(new Command.TransferToAgent(ANA.asActor(), BIA, null));

        assertThat(deadline(stage)).isEqualTo(DEADLINES.from(Kind.AGENT_SILENT, stage.now));
    }

    @Test
    void nothing_happens_before_the_warning_is_due() {
        Stage stage = new Stage().begin("humano").passes(ofMinutes(4).minusMillis(1));

        assertThat(stage.tries(PASSES)).isInstanceOf(Decision.Rejected.class);
        assertThat(((Decision.Rejected) stage.tries(PASSES)).reason()).isInstanceOf(Rejection.Overtaken.class);
    }

    @Test
    void a_warning_comes_once_at_80_percent_and_changes_nothing_else() {
        Stage stage = new Stage().begin("humano").passes(ofMinutes(4)).does(PASSES);

        assertThat(stage.lastEvents()).containsExactly(EventType.DEADLINE_WARNING);
        assertThat(stage.last().events().get(0).data())
                .containsEntry("deadline", "WAITING")
                .containsEntry("at", NOON.plus(ofMinutes(5)).toString());
        assertThat(stage.last().messages()).isEmpty();
        assertThat(stage.last().controlChanged()).isFalse();
        assertThat(stage.state()).isEqualTo(State.WAITING_AGENT);
        assertThat(deadline(stage)).isEqualTo(new Deadline(Kind.WAITING, NOON.plus(ofMinutes(5)), null));
        assertThat(stage.passes(ofSeconds(59)).tries(PASSES)).isInstanceOf(Decision.Rejected.class);
    }

    @Test
    void a_sweep_that_comes_late_acts_and_does_not_warn() {
        Stage stage = new Stage().begin("humano").passes(ofMinutes(5)).does(PASSES);

        assertThat(stage.state()).isEqualTo(State.PROGRESS);
        assertThat(stage.lastEvents()).doesNotContain(EventType.DEADLINE_WARNING);
    }

    @Test
    void the_silent_customer_is_not_warned_and_the_conversation_expires() {
        Stage stage = new Stage().begin("oi").passes(ofHours(24)).does(PASSES);

        assertThat(stage.state()).isEqualTo(State.EXPIRED);
        assertThat(stage.lastEvents()).containsExactly(EventType.CONVERSATION_EXPIRED);
        assertThat(stage.lastSaid()).isEmpty();
        assertThat(stage.last().events().get(0).data()).containsEntry("reason", "customer_silent");
    }

    @ParameterizedTest
    @EnumSource(
            value = State.class,
            names = {"WAITING_AGENT", "ASSIGNED"})
    void a_conversation_in_human_hands_never_expires_by_the_customers_silence(State state) {
        Stage stage = new Stage().reach(state).passes(ofHours(1000)).does(PASSES);

        assertThat(stage.state()).isNotEqualTo(State.EXPIRED);
    }

    @Test
    void waiting_then_release_apologises_and_leaves_the_bot_a_record() {
        Stage stage = new Stage().begin("humano").passes(ofMinutes(5)).does(PASSES);

        assertThat(stage.lastEvents()).containsExactly(EventType.RELEASED_TO_BOT, EventType.NEW_MESSAGE);
        assertThat(stage.lastSaid())
                .containsExactly("SYSTEM: Desculpe, ninguém pôde atender agora. Você voltou ao assistente.");
        assertThat(stage.conversation().handBack()).isNotNull();
        assertThat(stage.conversation().handBack().reason()).isEqualTo("waiting_timeout");
        assertThat(stage.conversation().handBack().agentId()).isNull();
    }

    @Test
    void waiting_then_escalate_goes_to_the_supervisors_queue_once_and_is_released_the_next_time() {
        Stage stage = new Stage(DEADLINES.waiting(ofMinutes(5), thenEscalate())).reach(State.WAITING_AGENT);
        stage.passes(ofMinutes(5)).does(PASSES);

        assertThat(stage.state()).isEqualTo(State.WAITING_AGENT);
        assertThat(stage.lastEvents()).containsExactly(EventType.ESCALATED);
        assertThat(stage.last().controlChanged()).as("it waited and it waits").isFalse();
        assertThat(stage.lastSaid()).isEmpty();
        assertThat(stage.conversation().handoff()).satisfies(handoff -> {
            assertThat(handoff.queue()).isEqualTo("supervisor");
            assertThat(handoff.at()).isEqualTo(NOON);
            assertThat(handoff.priority()).isEqualTo(7);
            assertThat(handoff.summary()).isEqualTo("owes 3 euro");
        });
        assertThat(deadline(stage)).isEqualTo(DEADLINES.from(Kind.WAITING, stage.now));

        stage.passes(ofMinutes(5)).does(PASSES);
        assertThat(stage.state()).isEqualTo(State.PROGRESS);
        assertThat(stage.lastEvents()).contains(EventType.RELEASED_TO_BOT);
    }

    @Test
    void a_silent_agent_then_requeue_waits_where_it_waited_before() {
        Stage stage = new Stage()
                .reach(State.WAITING_AGENT)
                .does(new Command.TakeOver(ANA))
                .passes(ofMinutes(10))
                .does(PASSES);

        assertThat(stage.state()).isEqualTo(State.WAITING_AGENT);
        assertThat(stage.lastEvents()).containsExactly(EventType.REQUEUED);
        assertThat(stage.last().events().get(0).data())
                .containsEntry("from", "agent:ana")
                .containsEntry("to", "queue")
                .containsEntry("reason", "agent_timeout");
        assertThat(stage.conversation().handoff().queue()).isEqualTo("sales");
        assertThat(stage.conversation().agentId()).isNull();
        assertThat(stage.last().controlChanged()).isTrue();
    }

    @Test
    void a_silent_agent_then_release() {
        Stage stage = new Stage(DEADLINES.agentSilent(ofMinutes(10), thenRelease()))
                .reach(State.ASSIGNED)
                .passes(ofMinutes(10))
                .does(PASSES);

        assertThat(stage.state()).isEqualTo(State.PROGRESS);
        assertThat(stage.conversation().handBack().agentId()).isEqualTo("ana");
        assertThat(stage.lastSaid()).hasSize(1);
    }

    @Test
    void one_escalation_is_all_whether_the_queue_or_an_agent_spent_it() {
        Deadlines both = DEADLINES.waiting(ofMinutes(5), thenEscalate()).agentSilent(ofMinutes(10), thenEscalate());
        Stage stage = new Stage(both).reach(State.ASSIGNED);
        stage.passes(ofMinutes(10)).does(PASSES);
        assertThat(stage.lastEvents()).containsExactly(EventType.ESCALATED);
        assertThat(stage.conversation().agentId()).isNull();

        stage.does(new Command.TakeOver(SUE)).passes(ofMinutes(10)).does(PASSES);
        assertThat(stage.lastEvents()).contains(EventType.RELEASED_TO_BOT);
    }

    @Test
    void a_new_human_stretch_may_escalate_anew() {
        Stage stage = new Stage(DEADLINES.waiting(ofMinutes(5), thenEscalate())).begin("humano");
        stage.passes(ofMinutes(5))
                .does(PASSES)
                .passes(ofMinutes(5))
                .does(PASSES)
                .hears("humano");

        assertThat(stage.conversation().handoff().escalated()).isFalse();
        assertThat(stage.conversation().handoff().queue()).isEqualTo("default");
    }

    @Test
    void a_deadline_without_warning_is_due_at_its_end() {
        Deadlines silent =
                new Deadlines(ofHours(24), ofMinutes(5), thenRelease(), ofMinutes(10), thenRequeue(), 1, ofHours(1));
        Stage stage = new Stage(silent).begin("humano");

        assertThat(deadline(stage).warnAt()).isNull();
        assertThat(deadline(stage).dueAt()).isEqualTo(NOON.plus(ofMinutes(5)));
    }

    @Test
    void settings_that_would_leave_somebody_waiting_for_ever_are_named() {
        assertThat(DEADLINES.problems()).isEmpty();
        assertThat(DEADLINES.waiting(ofMinutes(5), thenRequeue()).problems())
                .singleElement()
                .asString()
                .startsWith("deadlines.waitingAction");
        assertThat(new Deadlines(
                                ofHours(-1),
                                ofMinutes(0),
                                thenRequeue(),
                                ofHours(99_999_999),
                                thenRelease(),
                                0,
                                ofHours(-1))
                        .problems())
                .hasSize(6);
    }

    private static Deadline deadline(Stage stage) {
        Deadline deadline = stage.conversation().deadline();
        assertThat(deadline).isNotNull();
        return deadline;
    }
}
