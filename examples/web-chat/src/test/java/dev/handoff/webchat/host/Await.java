package dev.handoff.webchat.host;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what comes in its own time, within bounds. */
final class Await {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long POLL_NANOS = Duration.ofMillis(15).toNanos();

    private Await() {}

    /** Asks until the answer is yes; fails with a sentence when time is over. */
    static void until(String what, Callable<Boolean> isSo) {
        long end = System.nanoTime() + PATIENCE.toNanos();
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
        throw new AssertionError("not within " + PATIENCE + ": " + what, last);
    }
}
