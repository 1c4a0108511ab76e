package dev.handoff.internal;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How the engine's threads wait for each other and for a moment. A process has {@link #IN_A_PROCESS}; a simulation of
 * many nodes lets somebody else go on instead. Locks that are held for a few lines, and never while the store, a channel
 * or the bot works, do not need it.
 */
interface Waiting {
    Waiting IN_A_PROCESS = new Waiting() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public void park(Object blocker) {
            LockSupport.park(blocker);
        }

        @Override
        public void parkNanos(Object blocker, long nanos) {
            LockSupport.parkNanos(blocker, nanos);
        }

        @Override
        public void unpark(Thread thread) {
            LockSupport.unpark(thread);
        }

        @Override
        public Lock lock() {
            return new ReentrantLock();
        }
    };

    /** The monotonic clock: it says how much time has passed, and nobody sets it. */
    long nanoTime();

    /** As {@link LockSupport#park(Object)}: may return for no reason. */
    void park(Object blocker);

    /** As {@link LockSupport#parkNanos(Object, long)}. */
    void parkNanos(Object blocker, long nanos);

    /** As {@link LockSupport#unpark}. */
    void unpark(Thread thread);

    /** A lock that is held while the store works. */
    Lock lock();
}
