package dev.handoff.internal;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A pool on a machine that has no threads left. */
record NoThreads(ExecutorService threads) implements AutoCloseable {
    static NoThreads left() {
        return new NoThreads(Executors.newCachedThreadPool(task -> {
            throw new OutOfMemoryError("unable to create native thread");
        }));
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
