package dev.handoff.machine;

import static dev.handoff.machine.Stage.ADA;
import static dev.handoff.machine.Stage.ANA;
import static dev.handoff.machine.Stage.BIA;
import static dev.handoff.machine.Stage.HOST;
import static dev.handoff.machine.Stage.SUE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Content;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may do what, where the command is legal. Ana holds the assigned conversation; nobody holds the waiting one. */
class WhoMayDoWhatTest {

    @ParameterizedTest(name = "{1} by {2} in {0}: {3}")
    @CsvSource(delimiter = '|', textBlock = """
            # state        | command         | who  | what comes of it
            ASSIGNED       | answer          | ana  | yes
            ASSIGNED       | answer          | bia  | NotTheHolder
            ASSIGNED       | answer          | sue  | NotTheHolder
            ASSIGNED       | answer          | ada  | NotTheHolder
            ASSIGNED       | release         | ana  | yes
            ASSIGNED       | release         | bia  | NotTheHolder
            ASSIGNED       | release         | sue  | yes
            ASSIGNED       | release         | ada  | yes
            ASSIGNED       | release         | host | yes
            ASSIGNED       | transferToAgent | ana  | yes
            ASSIGNED       | transferToAgent | bia  | NotTheHolder
            ASSIGNED       | transferToAgent | sue  | yes
            ASSIGNED       | transferToAgent | ada  | yes
            ASSIGNED       | transferToQueue | ana  | yes
            ASSIGNED       | transferToQueue | bia  | NotTheHolder
            ASSIGNED       | transferToQueue | sue  | yes
            ASSIGNED       | close           | ana  | yes
            ASSIGNED       | close           | bia  | NotTheHolder
            ASSIGNED       | close           | sue  | yes
            ASSIGNED       | close           | ada  | yes
            ASSIGNED       | takeOver        | ana  | nothing
            ASSIGNED       | takeOver        | bia  | HeldByAnother
            ASSIGNED       | takeOver        | sue  | yes
            ASSIGNED       | takeOver        | ada  | yes
            ASSIGNED       | assignSelf      | ana  | nothing
            ASSIGNED       | assignSelf      | bia  | HeldByAnother
            ASSIGNED       | assignSelf      | sue  | HeldByAnother
            ASSIGNED       | assignAna       | sue  | nothing
            ASSIGNED       | assignAna       | bia  | SupervisorsOnly
            ASSIGNED       | note            | bia  | yes
            WAITING_AGENT  | assignSelf      | bia  | yes
            WAITING_AGENT  | assignSelf      | sue  | yes
            WAITING_AGENT  | assignAna       | ana  | yes
            WAITING_AGENT  | assignAna       | bia  | SupervisorsOnly
            WAITING_AGENT  | assignAna       | sue  | yes
            WAITING_AGENT  | assignAna       | ada  | yes
            WAITING_AGENT  | takeOver        | bia  | yes
            WAITING_AGENT  | takeOver        | ada  | yes
            WAITING_AGENT  | transferToAgent | bia  | NotTheHolder
            WAITING_AGENT  | transferToAgent | sue  | yes
            WAITING_AGENT  | transferToQueue | bia  | NotTheHolder
            WAITING_AGENT  | transferToQueue | sue  | yes
            WAITING_AGENT  | release         | bia  | NotTheHolder
            WAITING_AGENT  | release         | sue  | yes
            WAITING_AGENT  | release         | host | yes
            WAITING_AGENT  | close           | bia  | NotTheHolder
            WAITING_AGENT  | close           | sue  | yes
            WAITING_AGENT  | requestHandoff  | bia  | nothing
            WAITING_AGENT  | note            | bia  | yes
            PROGRESS       | takeOver        | bia  | yes
            PROGRESS       | takeOver        | sue  | yes
            PROGRESS       | requestHandoff  | bia  | yes
            PROGRESS       | requestHandoff  | host | yes
            PROGRESS       | note            | bia  | yes
            AGENT_CLOSED   | note            | bia  | yes
            """)
    void is_decided_by_role_and_by_who_holds_the_conversation(State state, String command, String who, String outcome) {
        Decision decision = new Stage().reach(state).tries(command(command, who));

        assertThat(nameOf(decision)).isEqualTo(outcome);
    }

    @Test
    void a_refusal_names_the_holder_and_a_refusal_of_an_unheld_one_says_that_nobody_is() {
        assertThat(reason(State.ASSIGNED, new Command.Close(BIA.asActor(), null)))
                .isEqualTo(new Rejection.NotTheHolder("ana"));
        assertThat(reason(State.WAITING_AGENT, new Command.Close(BIA.asActor(), null)))
                .isEqualTo(new Rejection.NotTheHolder(null));
        assertThat(reason(State.ASSIGNED, new Command.TakeOver(BIA))).isEqualTo(new Rejection.HeldByAnother("ana"));
    }

    @Test
    void an_agent_who_held_a_closed_conversation_holds_nothing_any_more() {
        Stage closed = new Stage().reach(State.AGENT_CLOSED);

        assertThat(closed.conversation().agentId()).isEqualTo("ana");
        assertThat(closed.conversation().isHeldBy("ana")).isFalse();
        assertThat(closed.tries(new Command.AgentReplies(ANA.asActor(), Content.text("one more"))))
                .isEqualTo(new Decision.Rejected(new Rejection.NobodyHolds(State.AGENT_CLOSED)));
    }

    @Test
    void I11_a_command_on_a_stale_epoch_is_refused_before_anything_else_is_asked() {
        Stage stage = new Stage().reach(State.ASSIGNED);

        assertThat(stage.machine.decide(stage.conversation(), new Command.Close(BIA.asActor(), null), 1L, stage.now))
                .isEqualTo(new Decision.Rejected(new Rejection.StaleEpoch(1, 2)));
        assertThat(stage.machine.decide(stage.conversation(), new Command.Close(ANA.asActor(), null), 2L, stage.now))
                .isInstanceOf(Decision.Accepted.class);
        assertThat(stage.machine.decide(stage.conversation(), new Command.Close(ANA.asActor(), null), 3L, stage.now))
                .isEqualTo(new Decision.Rejected(new Rejection.StaleEpoch(3, 2)));
    }

    @Test
    void an_answer_without_content_a_blank_note_and_a_blank_queue_are_bad_content() {
        assertThat(reason(State.ASSIGNED, new Command.AgentReplies(ANA.asActor(), Content.text("  \n"))))
                .isInstanceOf(Rejection.BadContent.class);
        assertThat(reason(State.ASSIGNED, new Command.AddNote(ANA.asActor(), " ")))
                .isInstanceOf(Rejection.BadContent.class);
        assertThat(reason(State.ASSIGNED, new Command.TransferToQueue(ANA.asActor(), " ", null)))
                .isInstanceOf(Rejection.BadContent.class);
    }

    private static Rejection reason(State state, Command command) {
        return ((Decision.Rejected) new Stage().reach(state).tries(command)).reason();
    }

    private static String nameOf(Decision decision) {
        if (decision instanceof Decision.Rejected rejected) {
            return rejected.reason().getClass().getSimpleName();
        }
        return decision instanceof Decision.Unchanged ? "nothing" : "yes";
    }

    private static Command command(String name, String who) {
        Actor actor = who.equals("host") ? HOST : agent(who).asActor();
        Actor.Human human = actor instanceof Actor.Human someone ? someone : new Actor.Human("-", AgentRole.AGENT);
        return switch (name) {
            case "answer" -> new Command.AgentReplies(human, Content.text("oi"));
            case "release" -> new Command.ReleaseToBot(actor, null, null);
            case "transferToAgent" ->
                new Command.TransferToAgent(human, new Agent("acme", "zoe", AgentRole.AGENT, 1), null);
            case "transferToQueue" -> new Command.TransferToQueue(human, "billing", null);
            case "close" -> new Command.Close(human, null);
            case "takeOver" -> new Command.TakeOver(agent(who));
            case "assignSelf" -> new Command.AssignAgent(human, agent(who));
            case "assignAna" -> new Command.AssignAgent(human, ANA);
            case "requestHandoff" -> new Command.RequestHandoff(actor, dev.handoff.model.HandoffRequest.because("vip"));
            case "note" -> new Command.AddNote(human, "remember");
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Agent agent(String id) {
        return switch (id) {
            case "ana" -> ANA;
            case "bia" -> BIA;
            case "sue" -> SUE;
            case "ada" -> ADA;
            default -> throw new IllegalArgumentException(id);
        };
    }
}
