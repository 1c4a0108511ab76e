package dev.handoff.machine;

import static dev.handoff.machine.Stage.ADA;
import static dev.handoff.machine.Stage.ANA;
import static dev.handoff.machine.Stage.BIA;
import static dev.handoff.machine.Stage.DEADLINES;
import static dev.handoff.machine.Stage.HOST;
import static dev.handoff.machine.Stage.SUE;
import static dev.handoff.policy.Deadlines.thenEscalate;
import static dev.handoff.policy.Deadlines.thenRelease;
import static dev.handoff.policy.Deadlines.thenRequeue;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.model.Content;
import dev.handoff.model.HandoffRequest;
import dev.handoff.policy.Deadlines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every command in every state: what is legal is carried out, the rest is refused with a reason, nothing is silent. */
class LegalityTest {
    private static final List<Deadlines> ALL_EXITS = List.of(
            DEADLINES.waiting(DEADLINES.waiting(), thenRelease()).agentSilent(DEADLINES.agentSilent(), thenRelease()),
            DEADLINES.waiting(DEADLINES.waiting(), thenEscalate()).agentSilent(DEADLINES.agentSilent(), thenEscalate()),
            DEADLINES.agentSilent(DEADLINES.agentSilent(), thenRequeue()));

    /** Examples of every kind of command, from those who may; the clock speaks after a long time. */
    private static Map<Class<? extends Command>, List<Function<Stage, Command>>> examples() {
        Map<Class<? extends Command>, List<Function<Stage, Command>>> examples = new LinkedHashMap<>();
        examples.put(
                Command.Receive.class,
                List.of(
                        stage -> new Command.Receive(stage.written("oi")),
                        stage -> new Command.Receive(stage.written("humano"))));
        examples.put(
                Command.BotReplies.class,
                List.of(
                        stage -> stage.botReply(BotReply.text("olá")),
                        stage -> stage.botReply(BotReply.handOver("too hard")),
                        stage -> stage.botReply(new BotReply.End(false, "bye", null)),
                        stage -> stage.botReply(new BotReply.End(true, "broken", null))));
        examples.put(
                Command.BotFails.class, List.of(stage -> stage.botFailure(false), stage -> stage.botFailure(true)));
        examples.put(
                Command.RequestHandoff.class,
                List.of(stage -> new Command.RequestHandoff(HOST, HandoffRequest.because("vip"))));
        examples.put(
                Command.AssignAgent.class,
                List.of(
                        stage -> new Command.AssignAgent(ANA.asActor(), ANA),
                        stage -> new Command.AssignAgent(SUE.asActor(), BIA)));
        examples.put(
                Command.TakeOver.class,
                List.of(stage -> new Command.TakeOver(SUE), stage -> new Command.TakeOver(ANA)));
        examples.put(
                Command.TransferToAgent.class,
                List.of(stage -> new Command.TransferToAgent(SUE.asActor(), BIA, "please")));
        examples.put(
                Command.TransferToQueue.class,
                List.of(stage -> new Command.TransferToQueue(SUE.asActor(), "billing", null)));
        examples.put(Command.ReleaseToBot.class, List.of(stage -> new Command.ReleaseToBot(HOST, null, null)));
        examples.put(Command.Close.class, List.of(stage -> new Command.Close(ADA.asActor(), "solved")));
        examples.put(
                Command.End.class,
                List.of(stage -> new Command.End(HOST, false, "bye"), stage -> new Command.End(HOST, true, "broken")));
        examples.put(
                Command.AgentReplies.class,
                List.of(stage -> new Command.AgentReplies(ANA.asActor(), Content.text("olá"))));
        examples.put(Command.AddNote.class, List.of(stage -> new Command.AddNote(BIA.asActor(), "remember")));
        examples.put(Command.DeadlinePasses.class, List.of(stage -> {
            stage.passes(Duration.ofDays(30));
            return new Command.DeadlinePasses();
        }));
        return examples;
    }

    static Stream<Arguments> matrix() {
        return examples().keySet().stream()
                .flatMap(kind -> Arrays.stream(State.values()).map(state -> Arguments.of(state, kind)));
    }

    @Test
    void the_matrix_knows_every_kind_of_command() {
        assertThat(examples().keySet())
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Command.class.getPermittedSubclasses())
                        .<Class<? extends Command>>map(kind -> kind.asSubclass(Command.class))
                        .toList());
    }

    @ParameterizedTest(name = "{1} in {0}")
    @MethodSource("matrix")
    void leads_exactly_where_its_row_says_or_is_refused_with_a_reason(State from, Class<? extends Command> kind) {
        Set<State> promised = Legality.rows().stream()
                .filter(row -> row.from() == from && row.command() == kind)
                .findFirst()
                .map(Legality.Row::to)
                .orElse(Set.of());
        boolean keptEverywhere =
                kind == Command.AddNote.class || (kind == Command.BotReplies.class && from != State.PROGRESS);

        Set<State> reached = EnumSet.noneOf(State.class);
        for (Decision decision : decisions(from, kind)) {
            if (decision instanceof Decision.Accepted accepted) {
                reached.add(State.of(accepted.next()));
            } else if (decision instanceof Decision.Unchanged) {
                reached.add(from);
            } else if (decision instanceof Decision.Rejected rejected) {
                assertThat(rejected.reason().detail()).isNotBlank();
                if (promised.isEmpty() && !keptEverywhere) {
                    assertThat(rejected.reason())
                            .isInstanceOf(
                                    kind == Command.AgentReplies.class
                                            ? Rejection.NobodyHolds.class
                                            : Rejection.NotLegal.class);
                }
            }
        }
        assertThat(reached).isEqualTo(keptEverywhere ? EnumSet.of(from) : promised);
    }

    @Test
    void the_table_has_one_row_for_a_state_and_a_command() {
        assertThat(Legality.rows())
                .extracting(row -> row.from() + " " + row.command())
                .doesNotHaveDuplicates();
    }

    @Test
    void no_row_leaves_an_end() {
        assertThat(Legality.rows()).noneMatch(row -> row.from().isEnd());
    }

    @Test
    void I5_every_open_state_can_be_left_by_the_clock() {
        assertThat(Legality.rows().stream()
                        .filter(row -> row.command() == Command.DeadlinePasses.class
                                && row.to().stream().anyMatch(to -> to != row.from()))
                        .map(Legality.Row::from))
                .containsExactlyInAnyOrder(State.PENDING, State.PROGRESS, State.WAITING_AGENT, State.ASSIGNED);
    }

    @Test
    void a_refusal_says_what_to_do() {
        assertThat(refusal(State.PROGRESS, new Command.Close(ANA.asActor(), null)))
                .contains("take it over first");
        assertThat(refusal(State.PROGRESS, new Command.AssignAgent(ANA.asActor(), ANA)))
                .contains("take it over");
        assertThat(refusal(State.ASSIGNED, Stage.asksForHuman())).contains("transfer it");
        assertThat(refusal(State.EXPIRED, new Command.TakeOver(ANA))).contains("next message opens a new one");
        assertThat(refusal(State.WAITING_AGENT, new Command.AgentReplies(ANA.asActor(), Content.text("oi"))))
                .contains("take it before you answer");
    }

    private static String refusal(State state, Command command) {
        return ((Decision.Rejected) new Stage().reach(state).tries(command))
                .reason()
                .detail();
    }

    private static List<Decision> decisions(State from, Class<? extends Command> kind) {
        List<Decision> decisions = new ArrayList<>();
        for (Function<Stage, Command> example : examples().getOrDefault(kind, List.of())) {
            for (Deadlines exits : ALL_EXITS) {
                Stage stage = new Stage(exits).reach(from);
                decisions.add(stage.tries(example.apply(stage)));
            }
        }
        if (kind == Command.DeadlinePasses.class && !from.isEnd()) {
            Stage warned = new Stage().reach(from);
            warned.passes(Duration.ofMinutes(9));
            if (from == State.ASSIGNED) {
                decisions.add(warned.tries(new Command.DeadlinePasses()));
            }
        }
        return decisions;
    }
}
