package dev.handoff.simulation;

import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A node's timer, on the scheduler's time. */
final class VirtualTimer extends ScheduledThreadPoolExecutor {
    private final Scheduler scheduler;
    private final Life life;

    VirtualTimer(Scheduler scheduler, Life life) {
        super(0);
        this.scheduler = scheduler;
        this.life = life;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
        return new Alarm(scheduler.spawnAfter("alarm", life, unit.toNanos(delay), work));
    }

    private final class Alarm implements ScheduledFuture<Object> {
        private final Scheduler.Task task;
        private boolean cancelled;

        Alarm(Scheduler.Task task) {
            this.task = task;
        }

        @Override
        public boolean cancel(boolean interrupt) {
            cancelled = true;
            scheduler.cancel(task);
            return true;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }

        @Override
        public boolean isDone() {
            return cancelled;
        }

        @Override
        public Object get() {
            throw new UnsupportedOperationException("nobody waits for an alarm");
        }

        @Override
        public Object get(long timeout, TimeUnit unit) {
            throw new UnsupportedOperationException("nobody waits for an alarm");
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return 0;
        }

        @Override
        public int compareTo(Delayed other) {
            return 0;
        }
    }
}
