package dev.handoff.internal;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one step again and again on a named daemon thread: at once when woken, else after an interval. A step that throws
 * is logged and tried again after the interval; it never ends the loop. A wake-up during a step is not lost: the step
 * runs once more.
 */
final class Loop implements Wake {
    private static final Logger log = LoggerFactory.getLogger(Loop.class);

    private final String name;
    private final Duration interval;
    private final Step step;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean woken;
    private boolean stopped;
    private @Nullable Thread thread;

    /** One step; returns whether there may be more to do at once. */
    @FunctionalInterface
    interface Step {
        boolean run() throws InterruptedException;
    }

    Loop(String name, Duration interval, Step step) {
        this.name = name;
        this.interval = interval;
        this.step = step;
    }

    void start() {
        Thread runner = new Thread(this::run, "handoff-" + name);
        runner.setDaemon(true);
        lock.lock();
        try {
            thread = runner;
        } finally {
            lock.unlock();
        }
        runner.start();
    }

    @Override
    public void wake() {
        lock.lock();
        try {
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Asks the loop to end after its present step. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the end of a stopped loop; interrupts its step when the time is over. */
    void join(Duration atMost) throws InterruptedException {
        Thread runner;
        lock.lock();
        try {
            runner = thread;
        } finally {
            lock.unlock();
        }
        if (runner != null && runner != Thread.currentThread()) {
            runner.join(Math.max(1, atMost.toMillis()));
            if (runner.isAlive()) {
                log.warn("{} did not stop within {}; interrupting it", runner.getName(), atMost);
                runner.interrupt();
            }
        }
    }

    private void run() {
        try {
            boolean more = false;
            boolean first = true;
            while (awaitTurn(more, first)) {
                first = false;
                more = stepSafely();
            }
        } catch (InterruptedException end) {
            log.debug("handoff-{} was interrupted and ends", name);
        }
    }

    private boolean stepSafely() throws InterruptedException {
        try {
            return step.run();
        } catch (RuntimeException | Error failed) {
            log.warn("a step of handoff-{} failed; it runs again in {}", name, interval, failed);
            return false;
        }
    }

    private boolean awaitTurn(boolean more, boolean first) throws InterruptedException {
        lock.lock();
        try {
            // The first wait is jittered, so that nodes that start together do not poll together for ever.
            long left = first ? ThreadLocalRandom.current().nextLong(interval.toNanos()) : interval.toNanos();
            while (!stopped && !woken && !more && left > 0) {
                left = changed.awaitNanos(left);
            }
            woken = false;
            return !stopped;
        } finally {
            lock.unlock();
        }
    }
}
