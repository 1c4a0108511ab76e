package dev.handoff.internal;

import dev.handoff.testing.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;

/** Surroundings of one thread, in which whoever waits moves the store's time on: hours pass in moments, always the same. */
final class VirtualTime implements Waiting {
    private final ManualTime time;

    VirtualTime(ManualTime time) {
        this.time = time;
    }

    @Override
    public long nanoTime() {
        return Duration.between(ManualTime.START, time.instant()).toNanos();
    }

    @Override
    public void park(Object blocker) {
        throw new IllegalStateException("there is nobody else to wait for");
    }

    @Override
    public void parkNanos(Object blocker, long nanos) {
        time.advance(Duration.ofNanos(nanos));
    }

    @Override
    public void unpark(Thread thread) {
        throw new IllegalStateException("there is nobody else");
    }

    @Override
    public Lock lock() {
        return IN_A_PROCESS.lock();
    }

    /** Runs each task at once, one after the other. */
    static ExecutorService oneAfterTheOther() {
        return new AbstractExecutorService() {
            private boolean isShutdown;

            @Override
            public void execute(Runnable task) {
                task.run();
            }

            @Override
            public void shutdown() {
                isShutdown = true;
            }

            @Override
            public List<Runnable> shutdownNow() {
                shutdown();
                return List.of();
            }

            @Override
            public boolean isShutdown() {
                return isShutdown;
            }

            @Override
            public boolean isTerminated() {
                return isShutdown;
            }

            @Override
            public boolean awaitTermination(long timeout, TimeUnit unit) {
                return isShutdown;
            }
        };
    }
}
