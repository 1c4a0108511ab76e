package dev.handoff.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads that begin at the same moment, and are all ended before the test goes on. */
final class Together {
    private static final long PATIENCE_SECONDS = 60;

    /** What one thread does. */
    interface Work<T> {
        T run(int thread) throws Exception;
    }

    private Together() {}

    /** Runs the work on so many threads at once; what each came to, in the order of their numbers. */
    static <T> List<T> run(int threads, Work<T> work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                futures.add(pool.submit(() -> {
                    start.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    return work.run(thread);
                }));
            }
            return results(futures);
        } finally {
            pool.shutdownNow();
            pool.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static <T> List<T> results(List<Future<T>> futures) throws Exception {
        long giveUpAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
            try {
                results.add(future.get(Math.max(0, giveUpAt - System.nanoTime()), TimeUnit.NANOSECONDS));
            } catch (ExecutionException failed) {
                throw new AssertionError("a thread failed: " + failed.getCause(), failed.getCause());
            } catch (TimeoutException stuck) {
                throw new AssertionError("a thread is stuck after " + PATIENCE_SECONDS + " s", stuck);
            }
        }
        return results;
    }
}
