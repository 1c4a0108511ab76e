package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.address;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.store.Lookup;
import dev.handoff.store.OnceKey;
import dev.handoff.store.Snapshot;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What decisions rest on, and the one clock. */
interface SnapshotContract extends StoreUnderTest {

    @Test
    default void a_store_that_is_ready_says_so() {
        store().verify();
    }

    @Test
    default void time_is_truncated_to_microseconds_and_does_not_run_backwards() {
        Instant first = now();
        Instant second = now();

        assertThat(first).isEqualTo(first.truncatedTo(ChronoUnit.MICROS));
        assertThat(second).isAfterOrEqualTo(first);
    }

    @Test
    default void a_conversation_is_found_by_its_name() {
        Conversation conversation = commit(opening("c1").hears("hello"));
        Instant before = now();

        Snapshot snapshot = one(new Lookup.ById(conversation.id(), null));

        assertThat(snapshot.conversation()).isEqualTo(conversation);
        assertThat(snapshot.prior()).isNull();
        assertThat(snapshot.now()).isBetween(before, now());
    }

    @Test
    default void an_ended_conversation_is_found_by_its_name() {
        Conversation ended = commit(change(commit(opening("c1"))).closed());

        assertThat(one(new Lookup.ById(ended.id(), null)).conversation()).isEqualTo(ended);
    }

    @Test
    default void I12_a_conversation_is_not_found_under_another_tenant() {
        Conversation conversation = commit(opening("c1"));

        Snapshot byId = one(new Lookup.ById(
                new ConversationId(OTHER_TENANT, conversation.id().value()), null));
        Snapshot byAddress = one(new Lookup.ByAddress(address(OTHER_TENANT, "c1"), null));

        assertThat(byId.conversation()).isNull();
        assertThat(byAddress.conversation()).isNull();
    }

    @Test
    default void an_address_gives_its_open_conversation() {
        Conversation ended = commit(change(commit(opening("c1"))).closed());
        Conversation open = commit(opening("c1"));

        Snapshot snapshot = one(new Lookup.ByAddress(ended.address(), null));

        assertThat(snapshot.conversation()).isEqualTo(open);
        assertThat(snapshot.previous()).isNull();
    }

    @Test
    default void an_address_without_an_open_conversation_gives_the_latest_ended_one() {
        commit(change(commit(opening("c1"))).closed());
        letTheShortPass();
        Conversation latest = commit(change(commit(opening("c1"))).closed());
        commit(change(commit(opening("c2"))).closed());

        Snapshot snapshot = one(new Lookup.ByAddress(latest.address(), null));

        assertThat(snapshot.conversation()).isNull();
        assertThat(snapshot.previous()).isEqualTo(latest.id());
    }

    @Test
    default void an_address_that_was_never_seen_gives_nothing() {
        Snapshot snapshot = one(new Lookup.ByAddress(address(TENANT, "stranger"), null));

        assertThat(snapshot.conversation()).isNull();
        assertThat(snapshot.previous()).isNull();
        assertThat(snapshot.prior()).isNull();
    }

    @Test
    default void what_was_done_before_is_told_with_the_snapshot() {
        Conversation conversation = commit(opening("c1"));
        OnceKey key = OnceKey.command(conversation.id(), "cmd", "body");
        Conversation after = commit(change(conversation).once(key).hears("x"));

        Snapshot byId = one(new Lookup.ById(conversation.id(), key));
        Snapshot byAddress = one(new Lookup.ByAddress(conversation.address(), key));
        Snapshot other = one(new Lookup.ById(conversation.id(), OnceKey.command(conversation.id(), "other", "body")));

        assertThat(byId.prior()).isNotNull();
        assertThat(byId.prior().fingerprint()).isEqualTo("body");
        assertThat(byId.prior().outcome().after()).isEqualTo(after);
        assertThat(byAddress.prior()).isEqualTo(byId.prior());
        assertThat(other.prior()).isNull();
    }

    @Test
    default void each_lookup_is_answered_in_its_place() {
        Conversation one = commit(opening("c1"));
        Conversation two = commit(opening("c2"));

        List<Snapshot> snapshots = store().snapshots(List.of(
                new Lookup.ByAddress(two.address(), null),
                new Lookup.ById(new ConversationId(TENANT, UUID.randomUUID()), null),
                new Lookup.ById(one.id(), null),
                new Lookup.ById(two.id(), null)));

        assertThat(snapshots).extracting(Snapshot::conversation).containsExactly(two, null, one, two);
        assertThat(store().snapshots(List.of())).isEmpty();
    }

    private Snapshot one(Lookup lookup) {
        List<Snapshot> snapshots = store().snapshots(List.of(lookup));
        assertThat(snapshots).hasSize(1);
        return snapshots.get(0);
    }
}
