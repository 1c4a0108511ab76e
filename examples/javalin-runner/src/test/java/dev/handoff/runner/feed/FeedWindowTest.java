package dev.handoff.runner.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.Tenant;
import dev.handoff.store.Feed.FeedEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FeedWindowTest {
    private static final int SIZE = 3;

    /** A feed with holes in its cursors that counts how often it is read. */
    private static final class Source implements FeedSource {
        private final List<FeedEntry> entries = new ArrayList<>();
        private int reads;

        void happens(long cursor) {
            entries.add(new FeedEntry(
                    cursor,
                    new Event(
                            Tenant.DEFAULT,
                            null,
                            null,
                            EventType.AGENT_AVAILABILITY,
                            "agent:ana",
                            Instant.EPOCH,
                            Map.of())));
        }

        @Override
        public List<FeedEntry> after(long cursor, int limit) {
            reads++;
            return entries.stream()
                    .filter(entry -> entry.cursor() > cursor)
                    .limit(limit)
                    .toList();
        }

        @Override
        public long end() {
            return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).cursor();
        }
    }

    private final Source source = new Source();
    private final FeedWindow window = new FeedWindow(source, SIZE, Long.MAX_VALUE);

    @Test
    void listeners_who_keep_up_cost_the_store_nothing() {
        source.happens(1);
        window.begin();
        source.happens(3);
        source.happens(4);
        window.advance();
        int reads = source.reads;

        assertThat(cursorsAfter(1)).containsExactly(3L, 4L);
        assertThat(cursorsAfter(3)).containsExactly(4L);
        assertThat(cursorsAfter(4)).isEmpty();
        assertThat(source.reads).isEqualTo(reads);
    }

    @Test
    void I6_whoever_is_behind_the_window_reads_the_store_and_loses_nothing() {
        window.begin();
        for (long cursor = 2; cursor <= 20; cursor += 2) {
            source.happens(cursor);
            window.advance();
        }

        for (long after = 0; after <= 20; after++) {
            List<Long> expected = new ArrayList<>();
            for (long cursor = 2; cursor <= 20; cursor += 2) {
                if (cursor > after) {
                    expected.add(cursor);
                }
            }
            assertThat(cursorsAfter(after)).as("after %d", after).isEqualTo(expected);
        }
    }

    @Test
    void I6_events_that_are_too_long_to_be_kept_are_read_from_the_store() {
        FeedWindow none = new FeedWindow(source, SIZE, 1);
        none.begin();
        source.happens(1);
        source.happens(2);
        none.advance();
        int reads = source.reads;

        assertThat(none.after(0, 100)).extracting(Frame::cursor).containsExactly(1L, 2L);
        assertThat(none.after(1, 100)).extracting(Frame::cursor).containsExactly(2L);
        assertThat(none.after(2, 100)).isEmpty();
        assertThat(source.reads).as("two of them from the store").isEqualTo(reads + 2);
    }

    @Test
    void a_page_has_no_more_than_was_asked_for_wherever_it_comes_from() {
        window.begin();
        for (long cursor = 1; cursor <= 10; cursor++) {
            source.happens(cursor);
        }
        window.advance();

        assertThat(window.after(0, 2)).extracting(Frame::cursor).containsExactly(1L, 2L);
        assertThat(window.after(7, 2)).extracting(Frame::cursor).containsExactly(8L, 9L);
    }

    private List<Long> cursorsAfter(long cursor) {
        return window.after(cursor, 100).stream().map(Frame::cursor).toList();
    }
}
