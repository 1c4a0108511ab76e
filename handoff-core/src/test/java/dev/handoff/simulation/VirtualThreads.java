package dev.handoff.simulation;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** A node's pool: each piece of work is a task of the scheduler. */
final class VirtualThreads extends AbstractExecutorService {
    private final Scheduler scheduler;
    private final Life life;

    VirtualThreads(Scheduler scheduler, Life life) {
        this.scheduler = scheduler;
        this.life = life;
    }

    @Override
    public void execute(Runnable work) {
        if (life.over) {
            throw new RejectedExecutionException("the node has died");
        }
        scheduler.spawn("work", life, work);
    }

    @Override
    public void shutdown() {
        // A node of the simulation does not close; it dies.
    }

    @Override
    public List<Runnable> shutdownNow() {
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
