package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.address;
import static dev.handoff.testkit.StoreUnderTest.sent;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Availability;
import dev.handoff.model.Conversation;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.Feed.FeedEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One ordered stream of all that happened in a tenant, to be resumed from anywhere. */
interface FeedContract extends StoreUnderTest {

    @Test
    default void I6_what_was_committed_is_in_the_feed_in_order_and_unchanged() {
        ChangeSet first = opening("c1").hears("hello").done();
        attempt(first);
        ChangeSet second = change(first.next())
                .says(MessageOwner.BOT, "hi")
                .happened(EventType.BOT_FAILED, new Actor.Bot())
                .done();
        attempt(second);

        List<FeedEntry> feed = feed(TENANT);

        assertThat(feed)
                .extracting(FeedEntry::event)
                .containsExactlyElementsOf(Stream.concat(first.events().stream(), second.events().stream())
                        .toList());
        assertThat(feed).extracting(FeedEntry::cursor).isSorted().doesNotHaveDuplicates();
    }

    @Test
    default void I6_each_conversation_keeps_its_order() {
        Conversation one = commit(opening("c1"));
        Conversation two = commit(opening("c2"));
        for (int i = 0; i < 5; i++) {
            one = commit(change(one).hears("a"));
            two = commit(change(two).hears("b").notes("c"));
        }

        assertThat(places(feed(TENANT), one)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(places(feed(TENANT), two)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
    }

    @Test
    default void I6_the_feed_is_resumed_from_any_cursor_with_nothing_lost() {
        Conversation conversation = commit(opening("c1"));
        for (int i = 0; i < 7; i++) {
            conversation = commit(change(conversation).hears("hello"));
        }
        List<FeedEntry> all = feed(TENANT);

        for (int from = 0; from < all.size(); from++) {
            assertThat(store().feed(TENANT, all.get(from).cursor(), 100))
                    .containsExactlyElementsOf(all.subList(from + 1, all.size()));
        }
        List<FeedEntry> paged = new ArrayList<>();
        List<FeedEntry> page;
        do {
            page = store().feed(
                            TENANT,
                            paged.isEmpty() ? 0 : paged.get(paged.size() - 1).cursor(),
                            3);
            assertThat(page).hasSizeLessThanOrEqualTo(3);
            paged.addAll(page);
        } while (!page.isEmpty());
        assertThat(paged).isEqualTo(all);
    }

    @Test
    default void I6_what_comes_later_stands_above_all_that_was_read_before() {
        Conversation conversation = commit(opening("c1"));
        List<FeedEntry> before = feed(TENANT);
        commit(change(conversation).hears("hello"));

        List<FeedEntry> after = feed(TENANT);

        assertThat(after.subList(0, before.size())).isEqualTo(before);
        assertThat(after.get(before.size()).cursor())
                .isGreaterThan(before.get(before.size() - 1).cursor());
    }

    @Test
    default void sequencing_says_how_many_were_moved_and_moves_each_once() {
        Conversation conversation = commit(opening("c1"));
        for (int i = 0; i < 4; i++) {
            conversation = commit(change(conversation).hears("hello"));
        }

        assertThat(store().sequenceFeed(2)).isEqualTo(2);
        assertThat(store().sequenceFeed(2)).isEqualTo(2);
        assertThat(store().sequenceFeed(2)).isEqualTo(1);
        assertThat(store().sequenceFeed(2)).isZero();
        assertThat(store().feed(TENANT, 0, 100)).hasSize(5);
    }

    @Test
    default void the_feeds_end_is_the_newest_position() {
        assertThat(store().feedEnd(TENANT)).isZero();
        commit(opening("c1").hears("hello"));

        List<FeedEntry> feed = feed(TENANT);

        assertThat(store().feedEnd(TENANT)).isEqualTo(feed.get(feed.size() - 1).cursor());
        assertThat(store().feed(TENANT, store().feedEnd(TENANT), 100)).isEmpty();
    }

    @Test
    default void I12_the_feed_holds_only_its_tenants_events() {
        commit(opening("c1"));
        commit(Draft.opening(address(OTHER_TENANT, "c1"), now()));
        commit(opening("c2"));

        assertThat(feed(TENANT))
                .hasSize(2)
                .allSatisfy(entry -> assertThat(entry.event().tenant()).isEqualTo(TENANT));
        assertThat(feed(OTHER_TENANT)).hasSize(1);
        assertThat(feed("nobody")).isEmpty();
        assertThat(store().feedEnd("nobody")).isZero();
    }

    @Test
    default void delivery_updates_take_a_place_in_the_feed_and_none_in_the_conversation() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        record(permit(), sent("p1"));
        conversation = commit(change(conversation).hears("thanks"));

        assertThat(feed(TENANT))
                .extracting(entry -> entry.event().type())
                .containsExactly(
                        EventType.CONVERSATION_OPENED,
                        EventType.NEW_MESSAGE,
                        EventType.DELIVERY_UPDATED,
                        EventType.NEW_MESSAGE);
        assertThat(store().events(conversation.id(), 0, 10))
                .extracting(Event::seq)
                .containsExactly(1L, 2L, 3L);
        assertThat(store().conversation(conversation.id())).contains(conversation);
    }

    @Test
    default void an_agents_availability_is_told_where_it_changes() {
        store().register(new Agent(TENANT, "ana", AgentRole.AGENT, 5));

        store().setAvailability(TENANT, "ana", Availability.AWAY);
        store().setAvailability(TENANT, "ana", Availability.AWAY);

        List<FeedEntry> feed = feed(TENANT);
        assertThat(feed).hasSize(1);
        Event event = feed.get(0).event();
        assertThat(event.type()).isEqualTo(EventType.AGENT_AVAILABILITY);
        assertThat(event.conversation()).isNull();
        assertThat(event.seq()).isNull();
        assertThat(event.actor()).isEqualTo("agent:ana");
        assertThat(event.data()).containsValue("ana");
    }

    private static List<Long> places(List<FeedEntry> feed, Conversation conversation) {
        return feed.stream()
                .map(FeedEntry::event)
                .filter(event -> conversation.id().equals(event.conversation()))
                .map(Event::seq)
                .toList();
    }
}
