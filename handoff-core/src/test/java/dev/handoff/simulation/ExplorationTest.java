package dev.handoff.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.handoff.internal.SimulatedEngine;
import dev.handoff.machine.Command;
import dev.handoff.machine.Guard;
import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.model.Actor;
import dev.handoff.model.Content;
import dev.handoff.policy.DeadlineAction;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Small situations in which a few act at once, in every order in which they can reach the store and the provider. */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class ExplorationTest {
    private static final World.Setting TWO_NODES =
            new World.Setting(2, 1, DeadlineAction.REQUEUE, DeadlineAction.RELEASE, true);
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.handoff");
    private static final Level LEVEL = LOG.getLevel();

    @BeforeAll
    static void quiet() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void asBefore() {
        LOG.setLevel(LEVEL);
    }

    /** What was before, and who then acts at once. */
    enum Situation {
        THE_BOT_ANSWERS_WHILE_AN_AGENT_TAKES_OVER(0, world -> heard(world, "oi"), world -> {
            world.work(1, SimulatedEngine::beginBotTurns);
            world.give(2, Guard.NONE, new Command.TakeOver(world.agent("ana")));
            world.work(2, SimulatedEngine::beginSending);
        }),
        A_MESSAGE_IS_SENT_WHILE_AN_AGENT_TAKES_OVER(0, world -> answered(world, "oi"), world -> {
            world.work(1, SimulatedEngine::beginSending);
            world.work(2, SimulatedEngine::beginSending);
            world.give(2, Guard.NONE, new Command.TakeOver(world.agent("ana")));
        }),
        TWO_AGENTS_TAKE_ONE_CONVERSATION(0, world -> heard(world, "a human please"), world -> {
            world.give(1, Guard.NONE, assign(world, "ana"));
            world.give(2, Guard.NONE, assign(world, "bia"));
            world.customerWrites(1, "maria", "anybody there?");
        }),
        THE_SAME_MESSAGE_COMES_TWICE_WHILE_THE_CONVERSATION_ENDS(0, world -> heard(world, "oi"), world -> {
            world.customerWrites(1, "maria", "still there?");
            world.deliverAgain(2);
            world.give(2, Guard.NONE, new Command.End(new Actor.Host(), false, "done"));
        }),
        TWO_SWEEPERS_FIND_A_SILENT_AGENT_WHO_ANSWERS(
                0,
                world -> {
                    heard(world, "a human please");
                    world.give(1, Guard.NONE, assign(world, "ana"));
                    world.settle(Duration.ofMinutes(4));
                },
                world -> {
                    world.work(1, SimulatedEngine::sweepDeadlines);
                    world.work(2, SimulatedEngine::sweepDeadlines);
                    world.give(1, Guard.NONE, reply(world, "sorry, I am here"));
                    world.give(2, Guard.NONE, new Command.ReleaseToBot(new Actor.Host(), "done", null));
                }),
        A_COMMAND_IS_GIVEN_TWICE_UNDER_ONE_ID_WHILE_IT_BECOMES_STALE(
                0, world -> heard(world, "a human please"), world -> {
                    Guard guard = Guard.epoch(2).commandId("once");
                    world.give(1, guard, assign(world, "ana"));
                    world.give(2, guard, assign(world, "ana"));
                    world.give(2, Guard.NONE, new Command.ReleaseToBot(new Actor.Host(), "done", null));
                }),
        AN_UNKNOWN_OUTCOME_IS_LOOKED_UP_WHILE_AN_AGENT_TAKES_OVER(1, world -> answered(world, "oi"), world -> {
            world.work(1, SimulatedEngine::beginSending);
            world.settle(Duration.ofSeconds(20));
            world.work(2, SimulatedEngine::resolveUnknown);
            world.give(2, Guard.NONE, new Command.TakeOver(world.agent("ana")));
        }),
        A_CALL_OF_THE_STORE_FAILS_WHILE_AN_AGENT_TAKES_OVER(1, world -> answered(world, "oi"), world -> {
            world.work(1, SimulatedEngine::beginSending);
            world.give(2, Guard.NONE, new Command.TakeOver(world.agent("ana")));
        });

        private final int faults;
        private final Consumer<World> before;
        private final Consumer<World> atOnce;

        Situation(int faults, Consumer<World> before, Consumer<World> atOnce) {
            this.faults = faults;
            this.before = before;
            this.atOnce = atOnce;
        }

        void play(World world) {
            world.faults.end();
            before.accept(world);
            world.faults.onlyStrokes(faults);
            atOnce.accept(world);
            world.settle(Duration.ofSeconds(1));
            world.choices.end();
        }

        private static void heard(World world, String text) {
            world.customerWrites(1, "maria", text);
            world.settle(Duration.ofSeconds(1));
        }

        private static void answered(World world, String text) {
            heard(world, text);
            world.work(1, SimulatedEngine::beginBotTurns);
            world.settle(Duration.ofSeconds(1));
        }

        private static Command assign(World world, String agent) {
            return new Command.AssignAgent(world.agent(agent).asActor(), world.agent(agent));
        }

        private static Command reply(World world, String text) {
            return new Command.AgentReplies(world.agent("ana").asActor(), Content.text(text));
        }
    }

    @Test
    void every_order_keeps_every_invariant() throws Exception {
        Situation[] situations = Situation.values();
        ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            List<Future<Integer>> explored = Arrays.stream(situations)
                    .map(situation -> threads.submit(() -> explore(situation)))
                    .toList();
            int orders = 0;
            for (Future<Integer> ofOne : explored) {
                orders += ofOne.get();
            }
            System.out.printf("Exploration: all %,d orders of %d situations, 0 broken%n", orders, situations.length);
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof AssertionError broken) {
                throw broken;
            }
            throw failure;
        } finally {
            threads.shutdownNow();
        }
    }

    /** How many orders there are. */
    private static int explore(Situation situation) {
        Simulation simulation = new Simulation(InMemoryConversationStore::new);
        int[] choices = {};
        int orders = 0;
        long steps = 0;
        int longest = 0;
        while (choices != null) {
            Choices following = Choices.following(choices);
            Simulation.Run run = simulation.run(following, TWO_NODES, situation::play);
            assertThat(run.isClean())
                    .as(() -> situation + " in the order " + Arrays.toString(run.choices()) + ":\n" + Story.of(run))
                    .isTrue();
            orders++;
            steps += run.choices().length - Math.max(0, choices.length - 1);
            longest = Math.max(longest, run.choices().length);
            choices = following.following();
        }
        System.out.printf(
                "Exploration: %s: all %,d orders, %,d states, at most %d choices deep, 0 broken%n",
                situation, orders, steps, longest);
        return orders;
    }
}
