package dev.handoff.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The library's threads: the loops, the pool on which bots think and channels send, and the timer for bots that take too
 * long. All are daemons. The pool and the timer come into being when they are first needed, so that a host that drives
 * the steps itself has them too. One lock guards what has been made.
 */
final class Workers {
    private static final Logger log = LoggerFactory.getLogger(Workers.class);
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Map<String, Loop> loops = new LinkedHashMap<>();
    private @Nullable ExecutorService threads;
    private @Nullable ScheduledExecutorService timer;
    private boolean started;
    private boolean stopped;

    /** Makes its own threads when they are needed. */
    Workers() {}

    /** Works on threads of the caller's, and ends them when it is stopped. */
    Workers(ExecutorService threads, ScheduledExecutorService timer) {
        this.threads = threads;
        this.timer = timer;
    }

    /** Adds a loop before anything is started. */
    void add(String name, Duration interval, Loop.Step step) {
        loops.put(name, new Loop(name, interval, step));
    }

    void wake(String name) {
        Loop loop = loops.get(name);
        if (loop != null) {
            loop.wake();
        }
    }

    synchronized void start() {
        if (stopped) {
            throw new IllegalStateException("this Handoff was closed; build a new one");
        }
        if (!started) {
            started = true;
            loops.values().forEach(Loop::start);
        }
    }

    synchronized boolean areRunning() {
        return started && !stopped;
    }

    synchronized ExecutorService threads() {
        if (threads == null) {
            threads = Executors.newCachedThreadPool(daemons("handoff-work-"));
        }
        return threads;
    }

    synchronized ScheduledExecutorService timer() {
        if (timer == null) {
            ScheduledThreadPoolExecutor limits = new ScheduledThreadPoolExecutor(1, daemons("handoff-timer-"));
            // A turn that was in time is forgotten at once, not when its limit would have run out.
            limits.setRemoveOnCancelPolicy(true);
            timer = limits;
        }
        return timer;
    }

    void stop() {
        List<Loop> running;
        ExecutorService pool;
        ScheduledExecutorService clock;
        synchronized (this) {
            if (stopped) {
                return;
            }
            stopped = true;
            running = started ? new ArrayList<>(loops.values()) : List.of();
            pool = threads();
            clock = timer();
        }
        try {
            Loop feed = running.isEmpty() ? null : running.get(running.size() - 1);
            for (Loop loop : running) {
                if (loop != feed) {
                    loop.stop();
                }
            }
            for (Loop loop : running) {
                if (loop != feed) {
                    loop.join(GRACE);
                }
            }
            pool.shutdown();
            if (!pool.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                log.info("sends or bot turns did not end within {}; another node goes on with them", GRACE);
                pool.shutdownNow();
            }
            if (feed != null) {
                feed.stop();
                feed.join(GRACE);
            }
        } catch (InterruptedException hurry) {
            pool.shutdownNow();
            Thread.currentThread().interrupt();
        } finally {
            running.forEach(Loop::stop);
            clock.shutdownNow();
        }
    }

    private static ThreadFactory daemons(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
