package dev.handoff.internal;

import dev.handoff.channel.InboundMessage;
import dev.handoff.machine.Command;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Guard;
import dev.handoff.machine.OpenResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The real engine in surroundings that somebody else runs: for the simulation, which is another room. */
public final class SimulatedEngine {
    private final Engine engine;

    /** What a process gives the engine, and a simulation gives it instead. */
    public record Surroundings(
            LongSupplier nanoTime,
            Runnable park,
            LongConsumer parkNanos,
            Consumer<Thread> unpark,
            Supplier<Lock> lock,
            ExecutorService threads,
            ScheduledExecutorService timer,
            RandomGenerator random) {}

    public SimulatedEngine(Engine.Settings settings, Surroundings surroundings) {
        engine = new Engine(
                settings,
                new Workers(surroundings.threads(), surroundings.timer()),
                new Cooperative(surroundings),
                surroundings.random());
    }

    private record Cooperative(Surroundings by) implements Waiting {
        @Override
        public long nanoTime() {
            return by.nanoTime().getAsLong();
        }

        @Override
        public void park(Object blocker) {
            by.park().run();
        }

        @Override
        public void parkNanos(Object blocker, long nanos) {
            by.parkNanos().accept(nanos);
        }

        @Override
        public void unpark(Thread thread) {
            by.unpark().accept(thread);
        }

        @Override
        public Lock lock() {
            return by.lock().get();
        }
    }

    public Engine.Received receive(InboundMessage message) {
        return engine.receive(null, message);
    }

    public OpenResult open(ConversationAddress address, @Nullable Content opening) {
        return engine.open(null, address, opening);
    }

    public CommandResult command(ConversationId id, Command command, Guard guard) {
        return engine.command(null, id, command, guard);
    }

    /** Claims turns of the bot and begins them. */
    public void beginBotTurns() {
        engine.beginBotTurns();
    }

    /** Claims permits and begins to send. */
    public void beginSending() {
        engine.beginSending();
    }

    /** Keeps the claims of turns that still run. */
    public void renewLeases() {
        engine.renewBotTurns();
    }

    public void resolveUnknown() {
        engine.resolveUnknown();
    }

    public void sweepDeadlines() {
        engine.sweepDeadlines();
    }

    public void sequenceFeed() {
        engine.sequenceFeed();
    }
}
