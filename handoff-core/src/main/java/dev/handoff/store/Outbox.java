package dev.handoff.store;

import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.SilentMessage;
import dev.handoff.model.Actor;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What waits to be sent, and what became of it. */
public interface Outbox {

    /**
     * Gives permits: each is a committed QUEUED → DISPATCHING. Only the first open message from an inbox to a customer gets
     * one, and only while no other of them is out, whatever conversation it belongs to (I4); and none that is fenced (I1).
     *
     * <p>All nodes share each sender's pace and rest ({@link SenderState}). Senders take turns, the one that was served
     * longest ago first; of what waits in a sender's different conversations, what people and the library say goes before
     * what bots say.
     *
     * <p>May give none though something waits: another node is giving that sender's just now, or its pace leaves no room yet.
     * Ask again soon. An attempt without a result is UNKNOWN once {@link #expireLeases} finds its lease over.
     */
    List<OutboundPermit> claimPermits(PermitRequest request);

    /**
     * Writes what attempts came to. A result whose token is not the message's present attempt, or whose message was
     * settled meanwhile by a callback, changes nothing; but {@link AttemptResult.Verdict.Sent} settles also a message that
     * was queued again, given up or suppressed after this attempt, unless the provider has reported that it failed. A
     * result may be written twice.
     *
     * @throws StoreUnavailableException when results were not kept; others of the same call may have been
     */
    void recordResults(List<AttemptResult> results);

    /** What waits to be sent, by sender, the longest first; senders with nothing are missing. Reads as much as waits. */
    List<Backlog> backlogs();

    /**
     * Keeps what attempts have said of their senders, each sender's in this order; what is told twice counts twice. Nothing
     * that concerns a message depends on it: what is lost here is learnt from the next attempt.
     */
    void recordContacts(List<SenderContact> contacts);

    /** Turns attempts whose lease has run out without a result into UNKNOWN, due to be looked up at once. */
    int expireLeases(int limit);

    /** Claims messages whose outcome is unknown and whose wait for a callback is over. */
    List<UnresolvedAttempt> claimUnresolved(int limit, Duration lease);

    /**
     * Claims messages that were sent, and of which no report has said that they were delivered, or that they were not: for
     * the first time after this silence, then after twice and four times as long. The claim counts, whatever comes of it.
     */
    List<SilentMessage> claimSilent(int limit, Duration silence);

    /**
     * Takes a provider's report. The rank only climbs (I7), and the state in the end does not depend on the order of the
     * reports: a failure after {@code DELIVERED} or {@code READ} is recorded as the message's error and not applied;
     * {@code DELIVERED} or {@code READ} after a failure is applied, and the message is no dead letter any more; anything
     * lower after a failure of the same attempt changes nothing. A report on an attempt whose outcome was unknown settles
     * it.
     *
     * @return whether the report names a message that is known
     */
    boolean recordDelivery(DeliveryUpdate update);

    /** Messages that were given up, or that the provider reported as failed, unless they were dropped; latest first. */
    List<Message> deadLetters(String tenant, int limit);

    /** Queues a message that has failed again, dropped or not, because an operator asks. */
    RetryDecision retryDeadLetter(MessageId id, Actor actor);

    /**
     * Takes a dead letter off the list because an operator asks: nobody is to decide on it any more. It has failed all the
     * same, its error says that it was dropped, and it can still be queued again.
     *
     * @return whether it was a dead letter
     */
    boolean dropDeadLetter(MessageId id, Actor actor);

    /** The error of a dead letter that was dropped. */
    static String dropped(@Nullable String error) {
        return error == null ? "dropped" : "dropped: " + error;
    }

    /** What became of an operator's wish to send again. */
    enum RetryDecision {
        /** It waits to be sent. */
        QUEUED,
        /** A bot's message of an epoch that is over: it is never sent. */
        SUPPRESSED,
        /** It has not failed. */
        NOT_DEAD,
        /** There is no such message. */
        NOT_FOUND
    }
}
