package dev.handoff.testkit;

import dev.handoff.store.ConversationStore;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for conditions, never for a guess at how long they take. */
final class Awaiting {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private static final Duration BETWEEN_LOOKS = Duration.ofNanos(200_000);

    private Awaiting() {}

    static void timeToPass(ConversationStore store, Duration time) {
        Instant until = store.now().plus(time);
        until(() -> !store.now().isBefore(until), "the store's time stands still");
    }

    static void until(BooleanSupplier condition, String otherwise) {
        await(condition, otherwise, () -> LockSupport.parkNanos(BETWEEN_LOOKS.toNanos()));
    }

    /** As {@link #until}, for a condition that does the very work that is to meet others at work. */
    static void busily(BooleanSupplier condition, String otherwise) {
        await(condition, otherwise, Thread::yield);
    }

    private static void await(BooleanSupplier condition, String otherwise, Runnable pause) {
        long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - giveUpAt > 0) {
                throw new AssertionError(otherwise + " after " + PATIENCE);
            }
            pause.run();
        }
    }
}
