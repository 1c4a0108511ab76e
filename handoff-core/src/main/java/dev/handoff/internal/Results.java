package dev.handoff.internal;

import dev.handoff.store.AttemptResult;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.SenderContact;
import dev.handoff.store.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
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
    private final ConcurrentLinkedQueue<Told> waiting = new ConcurrentLinkedQueue<>();
    private final Lock writing;

    /** What became of a message, and what that says of its sender; null where that is nothing new. */
    private record Told(AttemptResult result, @Nullable SenderContact contact) {}

    Results(ConversationStore store, Waiting waiting, Runnable whenRecorded) {
        this.store = store;
        this.writing = waiting.lock();
        this.whenRecorded = whenRecorded;
    }

    void add(AttemptResult result, @Nullable SenderContact contact) {
        waiting.add(new Told(result, contact));
        // An interrupt must not break the connection or the file on which this thread writes for others.
        boolean interrupted = Thread.interrupted();
        // Under the lock the queue is drained in full, so once it is ours, our own result is written or being thrown
        // about.
        writing.lock();
        try {
            for (List<Told> batch = take(); !batch.isEmpty(); batch = take()) {
                record(batch.stream().map(Told::result).toList());
                recordContacts(batch.stream()
                        .map(Told::contact)
                        .filter(Objects::nonNull)
                        .toList());
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

    /** After the results, and apart from them: what this may meet must cost no message its result. */
    private void recordContacts(List<SenderContact> contacts) {
        if (contacts.isEmpty()) {
            return;
        }
        try {
            store.recordContacts(contacts);
        } catch (RuntimeException lost) {
            log.warn("what was learnt of senders was not kept; the next attempts say it again: {}", contacts, lost);
        }
    }

    private List<Told> take() {
        List<Told> batch = new ArrayList<>();
        for (Told next = waiting.poll(); next != null; next = batch.size() < MOST ? waiting.poll() : null) {
            batch.add(next);
        }
        return batch;
    }
}
