package dev.handoff.internal;

import dev.handoff.store.AttemptResult;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Lock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the results of many sends in few statements: whoever gets the lock writes all that are there. A sender returns
 * only when its own result is written, or the store has failed: then one of those whose results are lost is thrown the
 * failure, and the log names all of them.
 */
final class Results {
    private static final Logger log = LoggerFactory.getLogger(Results.class);
    private static final int MOST = 100;

    private final ConversationStore store;
    private final Runnable whenRecorded;
    private final ConcurrentLinkedQueue<AttemptResult> waiting = new ConcurrentLinkedQueue<>();
    private final Lock writing;

    Results(ConversationStore store, Waiting waiting, Runnable whenRecorded) {
        this.store = store;
        this.writing = waiting.lock();
        this.whenRecorded = whenRecorded;
    }

    void add(AttemptResult result) {
        waiting.add(result);
        // An interrupt must not break the connection or the file on which this thread writes for others.
        boolean interrupted = Thread.interrupted();
        // Under the lock the queue is drained in full, so once it is ours, our own result is written or being thrown
        // about.
        writing.lock();
        try {
            for (List<AttemptResult> batch = take(); !batch.isEmpty(); batch = take()) {
                record(batch);
            }
        } finally {
            writing.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        whenRecorded.run();
    }

    /** A result that was kept already changes nothing, so a blink of the store costs no message its result. */
    private void record(List<AttemptResult> batch) {
        try {
            store.recordResults(batch);
        } catch (StoreUnavailableException once) {
            log.info("the store did not take {} results; trying once more: {}", batch.size(), once.getMessage());
            recordOrSayWhichAreLost(batch);
        }
    }

    /** The exception reaches one sender alone; the others in this batch find theirs written, or lost, by somebody else. */
    private void recordOrSayWhichAreLost(List<AttemptResult> batch) {
        try {
            store.recordResults(batch);
        } catch (RuntimeException lost) {
            log.warn(
                    "results were perhaps not kept, and are looked up when their leases run out: {}",
                    batch.stream().map(result -> result.id().text()).toList());
            throw lost;
        }
    }

    private List<AttemptResult> take() {
        List<AttemptResult> batch = new ArrayList<>();
        for (AttemptResult next = waiting.poll(); next != null; next = batch.size() < MOST ? waiting.poll() : null) {
            batch.add(next);
        }
        return batch;
    }
}
