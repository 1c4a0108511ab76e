package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.address;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.AgentState;
import dev.handoff.model.Availability;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.store.CommitResult;
import dev.handoff.store.CommitResult.CapacityReached;
import dev.handoff.store.CommitResult.Committed;
import dev.handoff.store.Feed.FeedEntry;
import dev.handoff.store.LoadChange;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who the agents are, and what they hold. */
interface RosterContract extends StoreUnderTest {

    @Test
    default void an_agent_who_never_came_is_not_known() {
        assertThat(store().agent(TENANT, "ana")).isEmpty();
    }

    @Test
    default void an_agent_is_known_once_registered() {
        store().register(agent("ana", 3));

        assertThat(store().agent(TENANT, "ana")).contains(new AgentState(agent("ana", 3), Availability.AVAILABLE, 0));
    }

    @Test
    default void registering_again_changes_role_and_capacity_and_keeps_the_rest() {
        store().register(agent("ana", 3));
        commit(opening("c1").taken(agent("ana", 3)));
        store().setAvailability(TENANT, "ana", Availability.OFFLINE);
        Agent supervisor = new Agent(TENANT, "ana", AgentRole.SUPERVISOR, null);

        store().register(supervisor);

        assertThat(store().agent(TENANT, "ana")).contains(new AgentState(supervisor, Availability.OFFLINE, 1));
    }

    @Test
    default void availability_is_kept() {
        store().register(agent("ana", 3));

        store().setAvailability(TENANT, "ana", Availability.AWAY);

        assertThat(store().agent(TENANT, "ana").orElseThrow().availability()).isEqualTo(Availability.AWAY);
    }

    @Test
    default void I12_agents_of_the_same_name_in_two_tenants_are_two() {
        commit(opening("c1").taken(agent("ana", 1)));

        assertThat(store().agent(OTHER_TENANT, "ana")).isEmpty();
        assertThat(attempt(Draft.opening(address(OTHER_TENANT, "c1"), now())
                        .taken(new Agent(OTHER_TENANT, "ana", AgentRole.AGENT, 1))))
                .isInstanceOf(Committed.class);
    }

    @Test
    default void an_agent_becomes_known_by_taking_a_conversation() {
        commit(opening("c1").taken(agent("ana", 3)));

        assertThat(store().agent(TENANT, "ana")).contains(new AgentState(agent("ana", 3), Availability.AVAILABLE, 1));
    }

    @Test
    default void I9_an_agent_takes_no_more_than_the_capacity() {
        commit(opening("c1").taken(agent("ana", 2)));
        commit(opening("c2").taken(agent("ana", 2)));
        Draft third = opening("c3").hears("hello").taken(agent("ana", 2));

        assertThat(attempt(third)).isEqualTo(new CapacityReached("ana", 2));

        assertThat(load("ana")).isEqualTo(2);
        assertThat(store().conversation(third.lastMessage().conversation())).isEmpty();
        assertThat(attempt(opening("c3"))).isInstanceOf(Committed.class);
    }

    @Test
    default void I9_the_capacity_that_is_registered_counts_not_the_one_that_is_brought_along() {
        store().register(agent("ana", 1));
        commit(opening("c1").taken(agent("ana", 99)));

        assertThat(attempt(opening("c2").taken(agent("ana", 99)))).isEqualTo(new CapacityReached("ana", 1));
        assertThat(store().agent(TENANT, "ana").orElseThrow().agent().capacity())
                .isEqualTo(1);
    }

    @Test
    default void an_agent_without_a_capacity_takes_as_many_as_come() {
        Agent supervisor = new Agent(TENANT, "sam", AgentRole.SUPERVISOR, null);
        for (int i = 0; i < 20; i++) {
            commit(opening("c" + i).taken(supervisor));
        }

        assertThat(load("sam")).isEqualTo(20);
    }

    @Test
    default void I9_takes_in_one_call_are_summed() {
        var results = store().commit(StoreUnderTest.times(
                5, i -> opening("c" + i).taken(agent("ana", 2)).done()));

        assertThat(results).filteredOn(Committed.class::isInstance).hasSize(2);
        assertThat(results).filteredOn(new CapacityReached("ana", 2)::equals).hasSize(3);
        assertThat(load("ana")).isEqualTo(2);
    }

    /** Whether a store takes both in one call, or refuses the first since the second comes later, is its own affair. */
    @Test
    default void I9_who_counts_along_in_the_feed_finds_nobody_above_the_capacity() {
        Conversation held = commit(opening("c1").taken(agent("ana", 1)));
        Conversation other = commit(opening("c2"));

        store().commit(List.of(
                change(other).taken(agent("ana", 1)).done(),
                change(held).released().done()));

        int holds = 0;
        for (FeedEntry entry : feed(TENANT)) {
            EventType type = entry.event().type();
            holds += type == EventType.AGENT_TOOK_OVER ? 1 : type == EventType.RELEASED_TO_BOT ? -1 : 0;
            assertThat(holds).as("after " + entry).isBetween(0, 1);
        }
    }

    @Test
    default void I9_full_agents_who_pass_each_other_conversations_at_once_never_hold_one_more() {
        Conversation anas = commit(opening("c1").taken(agent("ana", 1)));
        Conversation brunos = commit(opening("c2").taken(agent("bruno", 1)));

        List<CommitResult> results = store().commit(List.of(
                change(anas).taken(agent("bruno", 1)).done(),
                change(brunos).taken(agent("ana", 1)).done()));

        assertThat(results).containsExactly(new CapacityReached("bruno", 1), new CapacityReached("ana", 1));
        assertThat(store().conversation(anas.id())).contains(anas);
    }

    @Test
    default void I9_conversations_that_are_passed_along_at_once_are_told_in_an_order_in_which_nobody_holds_one_more() {
        Conversation anas = commit(opening("c1").taken(agent("ana", 1)));
        Conversation brunos = commit(opening("c2").taken(agent("bruno", 1)));

        store().commit(List.of(
                change(anas).taken(agent("bruno", 1)).done(),
                change(brunos).taken(agent("eva", 1)).done()));

        List<ConversationId> told = feed(TENANT).stream()
                .map(entry -> entry.event())
                .filter(event -> event.type() == EventType.AGENT_TOOK_OVER)
                .map(Event::conversation)
                .skip(2)
                .toList();
        assertThat(told).isIn(List.of(List.of(brunos.id(), anas.id()), List.of(brunos.id())));
    }

    @Test
    default void what_is_given_back_can_be_taken_again() {
        Conversation held = commit(opening("c1").taken(agent("ana", 1)));
        commit(change(held).released());
        assertThat(load("ana")).isZero();

        assertThat(attempt(opening("c2").taken(agent("ana", 1)))).isInstanceOf(Committed.class);
    }

    @Test
    default void a_conversation_goes_from_one_agent_to_another_in_one_commit() {
        Conversation held = commit(opening("c1").taken(agent("ana", 1)));

        commit(change(held).taken(agent("bruno", 1)));

        assertThat(load("ana")).isZero();
        assertThat(load("bruno")).isEqualTo(1);
    }

    @Test
    default void a_transfer_to_an_agent_who_is_full_leaves_everything_as_it_was() {
        Conversation held = commit(opening("c1").taken(agent("ana", 1)));
        commit(opening("c2").taken(agent("bruno", 1)));

        assertThat(attempt(change(held).taken(agent("bruno", 1)))).isEqualTo(new CapacityReached("bruno", 1));

        assertThat(load("ana")).isEqualTo(1);
        assertThat(load("bruno")).isEqualTo(1);
        assertThat(store().conversation(held.id())).contains(held);
    }

    @Test
    default void a_load_is_never_below_zero() {
        store().register(agent("ana", 1));

        commit(opening("c1").with(new LoadChange.GiveBack("ana")));

        assertThat(load("ana")).isZero();
    }

    private int load(String agent) {
        return store().agent(TENANT, agent).orElseThrow().load();
    }

    private static Agent agent(String id, @Nullable Integer capacity) {
        return new Agent(TENANT, id, AgentRole.AGENT, capacity);
    }
}
