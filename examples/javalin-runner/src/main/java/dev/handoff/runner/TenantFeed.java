package dev.handoff.runner;

import dev.handoff.Handoff;
import dev.handoff.runner.feed.FeedSource;
import dev.handoff.store.Feed.FeedEntry;
import java.util.List;

/** The library's feed of one tenant. */
record TenantFeed(Handoff handoff, String tenant) implements FeedSource {
    @Override
    public List<FeedEntry> after(long cursor, int limit) {
        return handoff.feed(tenant, cursor, limit);
    }

    @Override
    public long end() {
        return handoff.feedEnd(tenant);
    }
}
