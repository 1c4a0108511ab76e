package dev.handoff.runner.e2e;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what comes in its own time, within bounds. */
final class Await {
    private static final long POLL_NANOS = Duration.ofMillis(15).toNanos();

    private Await() {}

    /** Asks until the answer is yes; fails with a sentence when time is over. */
    static void until(String what, Duration within, Callable<Boolean> isSo) {
        long end = System.nanoTime() + within.toNanos();
        Throwable last = null;
        while (System.nanoTime() < end) {
            try {
                if (isSo.call()) {
                    return;
                }
                last = null;
            } catch (Exception | AssertionError notYet) {
                last = notYet;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        throw new AssertionError("not within " + within + ": " + what, last);
    }
}
