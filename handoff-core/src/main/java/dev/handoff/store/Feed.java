package dev.handoff.store;

import dev.handoff.model.Event;
import java.util.List;

/**
 * The ordered stream of all that happened in a tenant: the audit and the realtime source in one. Positions rise, keep
 * each conversation's order, and no event appears below a position that a reader has already passed (I6).
 */
public interface Feed {

    /**
     * Moves events that were committed into the feed, in a transaction of its own.
     *
     * @return how many were moved; fewer than {@code limit} means that nothing is left
     */
    int sequenceFeed(int limit);

    /** The events after a position, oldest first. */
    List<FeedEntry> feed(String tenant, long after, int limit);

    /** The position of the newest event; 0 when there is none. */
    long feedEnd(String tenant);

    /**
     * One place in the feed.
     *
     * @param cursor its position, rising, possibly with holes
     * @param event what happened
     */
    record FeedEntry(long cursor, Event event) {}
}
