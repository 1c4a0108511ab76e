package dev.handoff.machine;

import static dev.handoff.machine.Stage.ADA;
import static dev.handoff.machine.Stage.ANA;
import static dev.handoff.machine.Stage.BIA;
import static dev.handoff.machine.Stage.DEADLINES;
import static dev.handoff.machine.Stage.HOST;
import static dev.handoff.machine.Stage.SUE;
import static dev.handoff.policy.HandoffPolicies.botFailed;
import static dev.handoff.policy.HandoffPolicies.customerAsksForHuman;
import static dev.handoff.policy.HandoffPolicies.firstOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.model.Agent;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.Deadline;
import dev.handoff.model.Event;
import dev.handoff.model.HandoffRequest;
import dev.handoff.model.Message;
import dev.handoff.policy.DeadlineAction;
import dev.handoff.policy.Notices;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two thousand commands at random: whatever is asked, in whatever order, the promises hold after each. */
class RandomWalkTest {
    private static final int COMMANDS = 2_000;

    private final Set<State> visited = EnumSet.noneOf(State.class);

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 20_300_115, 777_777})
    void keeps_every_promise_at_every_step(long seed) {
        Random random = new Random(seed);
        Stage stage = newStage(random);
        for (int i = 0; i < COMMANDS; i++) {
            if (stage.state().isEnd() && random.nextInt(4) == 0) {
                stage = newStage(random);
            }
            visited.add(stage.state());
            stage.passes(Duration.ofSeconds(random.nextInt(200)));
            Conversation before = stage.conversation();
            Command command = anything(stage, random);
            Decision decision = stage.tries(command);
            if (decision instanceof Decision.Accepted accepted) {
                stage.keep(accepted);
                assertPromises(before, accepted, stage);
            } else {
                assertThat(decision).isInstanceOfAny(Decision.Unchanged.class, Decision.Rejected.class);
            }
        }
        assertThat(visited).as("the walk of seed %d went everywhere", seed).isEqualTo(EnumSet.allOf(State.class));
    }

    private static void assertPromises(Conversation before, Decision.Accepted accepted, Stage stage) {
        Conversation next = accepted.next();

        assertThat(next.version()).isEqualTo(before.version() + 1);
        boolean newHolder = !before.holder().equals(next.holder());
        assertThat(next.epoch()).isEqualTo(before.epoch() + (newHolder ? 1 : 0));
        assertThat(accepted.controlChanged()).isEqualTo(newHolder);

        assertI5(next, stage);
        assertI8(before, accepted, stage);

        assertThat(accepted.messages())
                .extracting(message -> message.id().seq())
                .isEqualTo(places(before.lastSeq(), next.lastSeq()));
        assertThat(accepted.events()).extracting(Event::seq).isEqualTo(places(before.eventSeq(), next.eventSeq()));
        assertThat(accepted.messages()).noneMatch(message -> message.content().isEmpty());
        assertThat(accepted.messages()).extracting(Message::createdAt).allMatch(stage.now::equals);
    }

    /** I5: whatever was decided, an open conversation is due later than the decision, and an ended one never. */
    private static void assertI5(Conversation next, Stage stage) {
        Deadline deadline = next.deadline();
        if (next.status().isOpen()) {
            assertThat(deadline).isNotNull();
            assertThat(deadline.kind())
                    .isEqualTo(
                            switch (State.of(next)) {
                                case WAITING_AGENT -> Deadline.Kind.WAITING;
                                case ASSIGNED -> Deadline.Kind.AGENT_SILENT;
                                default -> Deadline.Kind.CUSTOMER_SILENT;
                            });
            if (!stage.allEvents.isEmpty() && movesTheDeadline(stage)) {
                assertThat(deadline.dueAt()).isAfter(stage.now);
            }
        } else {
            assertThat(deadline).isNull();
        }
    }

    /** A command that leaves the state alone may find it overdue: the sweeper is on its way. */
    private static boolean movesTheDeadline(Stage stage) {
        return stage.last().events().stream().anyMatch(event -> Replay.TRANSITIONS.contains(event.type()));
    }

    /** I8: one audit event for a transition, none without one, and all of them together give the stored state. */
    private static void assertI8(Conversation before, Decision.Accepted accepted, Stage stage) {
        long transitions = accepted.events().stream()
                .filter(event -> Replay.TRANSITIONS.contains(event.type()))
                .count();
        State from = State.of(before);
        State to = State.of(accepted.next());
        boolean moved = !before.holder().equals(accepted.next().holder());
        if (moved) {
            assertThat(transitions).as(from + " to " + to).isEqualTo(1);
        } else {
            assertThat(transitions).isLessThanOrEqualTo(1);
        }
        assertThat(Replay.of(stage.allEvents)).isEqualTo(Replay.stored(accepted.next()));
    }

    private static List<Long> places(long after, long last) {
        return java.util.stream.LongStream.rangeClosed(after + 1, last).boxed().toList();
    }

    private static Stage newStage(Random random) {
        DeadlineAction waiting = random.nextBoolean() ? DeadlineAction.RELEASE : DeadlineAction.ESCALATE;
        DeadlineAction silent = DeadlineAction.values()[random.nextInt(3)];
        Stage stage = new Stage(
                firstOf(customerAsksForHuman(), botFailed(3)),
                DEADLINES
                        .customerSilent(Duration.ofMinutes(6))
                        .waiting(DEADLINES.waiting(), waiting)
                        .agentSilent(DEADLINES.agentSilent(), silent),
                Notices.english());
        return random.nextInt(3) == 0
                ? stage.keep(stage.machine.open(Stage.id(), null, Stage.MARIA, null, stage.now))
                : stage.begin(random.nextInt(5) == 0 ? "human" : "hi");
    }

    private static Command anything(Stage stage, Random random) {
        Agent someone = List.of(ANA, BIA, SUE, ADA).get(random.nextInt(4));
        Agent other = List.of(ANA, BIA, SUE).get(random.nextInt(3));
        long staleBy = random.nextInt(5) == 0 ? 1 : 0;
        long epoch = stage.conversation().epoch() - staleBy;
        long upTo = stage.conversation().inboundSeq() - random.nextInt(2);
        return switch (random.nextInt(30)) {
            case 0, 1, 2, 3 -> new Command.Receive(stage.written("hi"));
            case 4 -> new Command.Receive(stage.written("a human, please"));
            case 5, 6 -> new Command.BotReplies(epoch, upTo, BotReply.text("hello"));
            case 7 -> new Command.BotReplies(epoch, upTo, new BotReply.DontKnow("no idea"));
            case 8 -> new Command.BotReplies(epoch, upTo, BotReply.handOver("too hard"));
            case 9 -> new Command.BotReplies(epoch, upTo, new BotReply.End(random.nextBoolean(), "bye", "Bye!"));
            case 10 -> new Command.BotFails(epoch, upTo, "no model", random.nextInt(3) == 0);
            case 11 -> new Command.RequestHandoff(HOST, new HandoffRequest("vip", "rich", "gold", 9, null));
            case 12, 13 -> new Command.AssignAgent(someone.asActor(), someone);
            case 14 -> new Command.AssignAgent(someone.asActor(), other);
            case 15, 16 -> new Command.TakeOver(someone);
            case 17 -> new Command.TransferToAgent(someone.asActor(), other, random.nextBoolean() ? "look" : null);
            case 18 -> new Command.TransferToQueue(someone.asActor(), random.nextBoolean() ? "gold" : "silver", null);
            case 19 ->
                new Command.ReleaseToBot(
                        random.nextBoolean() ? HOST : someone.asActor(),
                        null,
                        random.nextBoolean() ? "all done" : null);
            case 20 ->
                random.nextInt(3) == 0
                        ? new Command.Close(someone.asActor(), "solved")
                        : new Command.AddNote(someone.asActor(), "remember");
            case 21 ->
                random.nextInt(8) == 0
                        ? new Command.End(HOST, random.nextBoolean(), "over")
                        : new Command.AddNote(someone.asActor(), "remember");
            case 22, 23 -> new Command.AgentReplies(someone.asActor(), Content.text("hello"));
            default -> new Command.DeadlinePasses();
        };
    }
}
