package dev.handoff;

import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.model.Actor;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.store.Backlog;
import dev.handoff.store.Feed.FeedEntry;
import dev.handoff.store.History;
import dev.handoff.store.HostTransaction;
import dev.handoff.store.Outbox.RetryDecision;
import dev.handoff.store.Roster;
import java.time.Duration;
import java.util.List;

/**
 * The front door. One for a process; thread-safe. Built by {@link #builder()}, which opens nothing; {@link #start()}
 * runs the workers and {@link #close()} stops them. Commands and reads work without workers too: then the host drives
 * the single steps itself.
 *
 * <p>Any number of processes may work on one store.
 */
public interface Handoff extends HandoffCommands, AutoCloseable {

    /** A builder with the defaults that are named at its methods. */
    static HandoffBuilder builder() {
        return new HandoffBuilder();
    }

    /** The same commands inside a transaction of the host: committed with it, told to nobody before it has committed. */
    HandoffCommands within(HostTransaction transaction);

    /**
     * Takes a provider's report on a message. Reports may come in any order and repeatedly; see
     * {@link dev.handoff.channel.DeliveryStatus} for which one wins.
     *
     * @return whether the report names a message that is known
     */
    boolean reportDelivery(DeliveryUpdate update);

    /**
     * Waits until none of these messages is being sent any more: for those that a takeover found in flight.
     *
     * @return whether that came to pass in time
     */
    boolean awaitSettled(List<MessageId> inFlight, Duration atMost) throws InterruptedException;

    /** Conversations, messages and events. */
    History history();

    /** The agents and what they hold. */
    Roster roster();

    /** The feed after a position, oldest first. */
    List<FeedEntry> feed(String tenant, long after, int limit);

    /** The position of the newest event; 0 when there is none. */
    long feedEnd(String tenant);

    /**
     * Runs an action whenever this process has moved events into the feed: a hint to look, never a promise. Whoever must
     * miss nothing looks from time to time anyway, since other processes move events too.
     *
     * @return ends it
     */
    AutoCloseable onFeed(Runnable hint);

    /** What waits to be sent, by inbox, the longest first: for whoever watches. Reads as much as waits. */
    List<Backlog> backlogs();

    /** Messages that were given up, or that the provider reported as failed, unless they were dropped; latest first. */
    List<Message> deadLetters(String tenant, int limit);

    /** Queues a message that has failed again, dropped or not, because an operator asks. */
    RetryDecision retryDeadLetter(MessageId id, Actor actor);

    /**
     * Takes a dead letter off the list because an operator asks. It has failed all the same, and can still be queued again.
     *
     * @return whether it was a dead letter
     */
    boolean dropDeadLetter(MessageId id, Actor actor);

    /**
     * Verifies the store and runs the workers. Idempotent.
     *
     * @throws dev.handoff.store.SchemaException when the store is not ready to be used
     */
    void start();

    /** Whether the workers run. */
    boolean isRunning();

    /** Stops the workers in order: no new work is claimed, sends and turns under way are given a moment to finish. */
    @Override
    void close();

    /** One step of the bot worker: claims turns that are owed, and waits until each is answered. Returns how many. */
    int runBotTurnsOnce();

    /** One step of the outbound worker: sends what may be sent, and waits for the results. Returns how many. */
    int dispatchOutboundOnce();

    /** One step towards certainty: looks up messages of which nobody knows whether they were sent. Returns how many. */
    int resolveUnknownOnce();

    /**
     * One step of asking providers about messages that they took half a day ago, and have said nothing of since; twice more in
     * the two days after. Returns how many.
     */
    int askAboutSilentOnce();

    /** One step of the sweeper: deadlines that have passed, and warnings. Returns how many conversations changed. */
    int sweepDeadlinesOnce();

    /** One step of the sequencer: moves committed events into the feed. Returns how many. */
    int sequenceFeedOnce();
}
