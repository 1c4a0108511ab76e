package dev.handoff.testing;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Holds whoever comes until it is opened, so that a test can act while a send or a bot's turn is under way. Once open it
 * stays open. Thread-safe.
 */
public final class Gate implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int held;
    private boolean open;

    Gate() {}

    /**
     * Waits until this many are held at once.
     *
     * @throws IllegalStateException when fewer have come within the time
     */
    public void awaitHeld(int count, Duration within) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = within.toNanos();
            while (held < count) {
                if (left <= 0) {
                    throw new IllegalStateException(held + " of " + count + " came to the gate within " + within);
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits up to ten seconds until one is held. */
    public void awaitHeld() throws InterruptedException {
        awaitHeld(1, Duration.ofNanos(TimeUnit.SECONDS.toNanos(10)));
    }

    /** Lets everybody through, now and from now on. */
    public void open() {
        lock.lock();
        try {
            open = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The same as {@link #open()}, for try-with-resources. */
    @Override
    public void close() {
        open();
    }

    void pass() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            held++;
            changed.signalAll();
            try {
                while (!open) {
                    changed.await();
                }
            } finally {
                held--;
            }
        } finally {
            lock.unlock();
        }
    }

    /** A gate that holds nobody. */
    static Gate opened() {
        Gate gate = new Gate();
        gate.open();
        return gate;
    }
}
