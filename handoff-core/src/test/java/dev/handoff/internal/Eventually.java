package dev.handoff.internal;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** Waits for a condition, never for a guess at how long it takes. */
final class Eventually {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration BETWEEN_LOOKS = Duration.ofNanos(500_000);

    private Eventually() {}

    static void holds(String what, BooleanSupplier condition) {
        long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - giveUpAt > 0) {
                throw new AssertionError("not within " + PATIENCE + ": " + what);
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
    }

    static void isParked(Thread thread) {
        holds(thread.getName() + " is parked", () -> isWaiting(thread));
    }

    /** Not for a lock: whoever waits for one has yet to do what it came for. */
    static void isParkedForMoreThanALock(Thread thread) {
        holds(thread.getName() + " is parked for more than a lock", () -> isWaiting(thread) && !waitsForALock(thread));
    }

    private static boolean isWaiting(Thread thread) {
        return thread.getState() == Thread.State.WAITING;
    }

    private static boolean waitsForALock(Thread thread) {
        Object blocker = LockSupport.getBlocker(thread);
        return blocker != null && blocker.getClass().getEnclosingClass() == ReentrantLock.class;
    }
}
