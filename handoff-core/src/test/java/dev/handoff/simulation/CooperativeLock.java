package dev.handoff.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** A lock that lets other tasks go on while one waits for it. Its owner may die with it: then nobody needs it any more. */
final class CooperativeLock implements Lock {
    private final Scheduler scheduler;
    private final Deque<Scheduler.Task> waiting = new ArrayDeque<>();
    private Scheduler.@Nullable Task owner;

    CooperativeLock(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    @Override
    public void lock() {
        scheduler.pause();
        while (owner != null) {
            waiting.add(scheduler.current());
            scheduler.park(0);
        }
        owner = scheduler.current();
    }

    @Override
    public void unlock() {
        owner = null;
        Scheduler.Task next = waiting.poll();
        if (next != null) {
            scheduler.unpark(next);
        }
    }

    @Override
    public void lockInterruptibly() {
        lock();
    }

    @Override
    public boolean tryLock() {
        throw new UnsupportedOperationException("the engine does not try locks");
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) {
        throw new UnsupportedOperationException("the engine does not try locks");
    }

    @Override
    public Condition newCondition() {
        throw new UnsupportedOperationException("the engine has no conditions on these locks");
    }
}
