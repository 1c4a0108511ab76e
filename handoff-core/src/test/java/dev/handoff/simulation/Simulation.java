package dev.handoff.simulation;

import dev.handoff.store.ConversationStore;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs histories. Not thread-safe: each thread that runs histories has one of its own. */
public final class Simulation {
    /** What the world does in one history, besides healing; every one of it may take several calls of the store. */
    static final int STEPS = 60;

    private final Scheduler.Threads threads = new Scheduler.Threads();
    private final Function<InstantSource, ConversationStore> stores;

    /** Runs each history on an empty store that these give. */
    Simulation(Function<InstantSource, ConversationStore> stores) {
        this.stores = stores;
    }

    /**
     * What one history came to.
     *
     * @param choices what led to it; following them leads to it again
     * @param history what happened
     * @param breaches what should not have
     * @param failure what was thrown and should not have been; null when nothing was
     */
    record Run(
            int[] choices,
            History history,
            Names names,
            List<Breach> breaches,
            @Nullable Throwable failure) {
        boolean isClean() {
            return breaches.isEmpty() && failure == null;
        }
    }

    /** The history of a seed: the same one each time. */
    Run ofSeed(long seed) {
        return run(Choices.ofSeed(seed));
    }

    /** The history that these choices lead to. */
    Run following(int[] choices) {
        return run(Choices.following(choices));
    }

    /** A simpler history in which the same invariant breaks, found within so many runs. */
    Run simplest(Run broken, int mostRuns) {
        String kind = kind(broken);
        int[] choices =
                new Shrinker(mostRuns, shorter -> kind(following(shorter)).equals(kind)).shrink(broken.choices());
        return following(choices);
    }

    private static String kind(Run run) {
        Throwable failure = run.failure();
        if (failure != null) {
            return failure.getClass().getName();
        }
        return run.breaches().isEmpty() ? "" : run.breaches().get(0).invariant();
    }

    private Run run(Choices choices) {
        return run(choices, World.Setting.chosen(choices), world -> world.live(STEPS));
    }

    /** One history of a world in which these things happen before it heals. */
    Run run(Choices choices, World.Setting setting, Consumer<World> life) {
        World world = new World(choices, threads, setting, stores);
        Throwable failure = null;
        try {
            life.accept(world);
            world.heal();
        } catch (RuntimeException | Error thrown) {
            failure = thrown;
            world.scheduler.end();
        }
        if (failure == null) {
            failure = world.scheduler.failure();
        }
        List<Breach> breaches = failure == null ? Checker.check(world.history, world.names) : List.of();
        return new Run(choices.taken(), world.history, world.names, breaches, failure);
    }
}
