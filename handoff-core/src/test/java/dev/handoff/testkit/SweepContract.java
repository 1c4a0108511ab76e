package dev.handoff.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Nobody waits for ever: what is due is handed out, decided and committed under its lock. */
interface SweepContract extends StoreUnderTest {

    @Test
    default void I5_a_conversation_whose_deadline_has_passed_is_handed_out_and_what_is_decided_is_committed() {
        Conversation due = commit(opening("c1").dueAt(now()));
        List<Snapshot> seen = new ArrayList<>();
        Instant before = now();

        List<ChangeSet> committed = store().sweep(10, snapshot -> {
            seen.add(snapshot);
            return Optional.of(close(snapshot));
        });

        assertThat(seen).hasSize(1);
        assertThat(seen.get(0).conversation()).isEqualTo(due);
        assertThat(seen.get(0).prior()).isNull();
        assertThat(seen.get(0).now()).isBetween(before, now());
        assertThat(committed).hasSize(1);
        assertThat(store().conversation(due.id())).contains(committed.get(0).next());
    }

    @Test
    default void what_the_sweep_commits_is_a_commit_like_any_other() {
        Conversation due = commit(opening("c1").says(MessageOwner.BOT, "fenced").dueAt(now()));
        int eventsBefore = feed(TENANT).size();

        store().sweep(
                        10,
                        snapshot -> Optional.of(Draft.of(snapshot.conversation(), snapshot.now())
                                .waits("default", 0, snapshot.now())
                                .dueAt(snapshot.now().plus(LONG))
                                .says(MessageOwner.SYSTEM, "somebody will come")
                                .done()));

        assertThat(store().messages(due.id(), 0, 10)).hasSize(2);
        assertThat(store().events(due.id(), 0, 10)).hasSize(4);
        assertThat(feed(TENANT)).hasSize(eventsBefore + 3);
        assertThat(permit().message().owner()).isEqualTo(MessageOwner.SYSTEM);
    }

    @Test
    default void I5_a_warning_that_is_due_is_handed_out_before_the_deadline() {
        Instant now = now();
        Conversation warned = commit(opening("c1").due(now.plus(LONG), now));

        assertThat(swept()).containsExactly(warned.id());
    }

    @Test
    default void what_is_not_due_is_left_alone() {
        commit(opening("c1").dueAt(now().plus(LONG)));
        commit(opening("c2").due(now().plus(LONG), now().plus(LONG)));
        commit(opening("c3").dueAt(now()).closed());

        assertThat(swept()).isEmpty();
    }

    @Test
    default void the_longest_overdue_come_first_and_no_more_than_were_asked_for() {
        Instant now = now();
        Conversation third = commit(opening("c3").dueAt(now.minusSeconds(1)));
        Conversation first = commit(opening("c1").dueAt(now.minusSeconds(3)));
        Conversation second = commit(opening("c2").due(now.plusSeconds(60), now.minusSeconds(2)));
        List<ConversationId> seen = new ArrayList<>();
        Function<Snapshot, Optional<ChangeSet>> decide = snapshot -> {
            seen.add(snapshot.conversation().id());
            return Optional.of(close(snapshot));
        };

        store().sweep(2, decide);
        assertThat(seen).containsExactly(first.id(), second.id());
        store().sweep(2, decide);
        assertThat(seen).containsExactly(first.id(), second.id(), third.id());
    }

    @Test
    default void a_deadline_that_has_moved_is_not_due() {
        Conversation due = commit(opening("c1").dueAt(now()));
        commit(change(due).hears("still here").dueAt(now().plus(LONG)));

        assertThat(swept()).isEmpty();
    }

    @Test
    default void a_deadline_that_was_acted_on_is_not_due_again() {
        commit(opening("c1").dueAt(now()));

        store().sweep(
                        10,
                        snapshot -> Optional.of(Draft.of(snapshot.conversation(), snapshot.now())
                                .dueAt(snapshot.now().plus(LONG))
                                .done()));

        assertThat(swept()).isEmpty();
    }

    @Test
    default void a_conversation_about_which_nothing_is_decided_is_left_as_it_is() {
        Conversation due = commit(opening("c1").dueAt(now()));

        assertThat(store().sweep(10, snapshot -> Optional.empty())).isEmpty();

        assertThat(store().conversation(due.id())).contains(due);
    }

    @Test
    default void a_decision_that_throws_leaves_its_conversation_as_it_is_and_does_not_stop_the_others() {
        Instant now = now();
        Conversation failing = commit(opening("failing").dueAt(now.minusSeconds(2)));
        Conversation other = commit(opening("other").dueAt(now.minusSeconds(1)));

        List<ChangeSet> committed = store().sweep(10, snapshot -> {
            if (snapshot.conversation().id().equals(failing.id())) {
                throw new IllegalStateException("a policy with a bug");
            }
            return Optional.of(close(snapshot));
        });

        assertThat(committed).extracting(change -> change.next().id()).containsExactly(other.id());
        assertThat(store().conversation(failing.id())).contains(failing);
        assertThat(store().conversation(other.id()).orElseThrow().status()).isEqualTo(ConversationStatus.AGENT_CLOSED);
    }

    @Test
    default void a_decision_that_throws_does_not_keep_its_conversation_at_the_head_for_ever() {
        Instant now = now();
        Conversation failing = commit(opening("failing").dueAt(now.minusSeconds(2)));
        Conversation other = commit(opening("other").dueAt(now.minusSeconds(1)));
        Function<Snapshot, Optional<ChangeSet>> decide = snapshot -> {
            if (snapshot.conversation().id().equals(failing.id())) {
                throw new IllegalStateException("a policy with a bug");
            }
            return Optional.of(close(snapshot));
        };

        List<ChangeSet> committed = new ArrayList<>(store().sweep(1, decide));
        committed.addAll(store().sweep(1, decide));

        assertThat(committed).extracting(change -> change.next().id()).containsExactly(other.id());
    }

    private List<ConversationId> swept() {
        List<ConversationId> seen = new ArrayList<>();
        store().sweep(10, snapshot -> {
            seen.add(snapshot.conversation().id());
            return Optional.empty();
        });
        return seen;
    }

    private static ChangeSet close(Snapshot snapshot) {
        return Draft.of(snapshot.conversation(), snapshot.now()).closed().done();
    }
}
