package dev.handoff.runner.feed;

import dev.handoff.store.Feed.FeedEntry;
import java.util.List;

/** Where the feed of our tenant is read. */
public interface FeedSource {
    /** The events after a position, oldest first. */
    List<FeedEntry> after(long cursor, int limit);

    /** The position of the newest event; 0 when there is none. */
    long end();
}
