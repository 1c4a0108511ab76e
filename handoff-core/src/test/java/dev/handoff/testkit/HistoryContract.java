package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.address;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.Event;
import dev.handoff.model.HandoffPhase;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.History.BadCursorException;
import dev.handoff.store.History.Page;
import dev.handoff.store.History.Query;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What can be read of conversations. */
interface HistoryContract extends StoreUnderTest {

    @Test
    default void messages_and_events_are_read_after_a_place_oldest_first() {
        Conversation conversation =
                commit(opening("c1").hears("1").hears("2").hears("3").hears("4"));

        assertThat(store().messages(conversation.id(), 0, 100))
                .extracting(message -> message.content().text())
                .containsExactly("1", "2", "3", "4");
        assertThat(store().messages(conversation.id(), 1, 2))
                .extracting(message -> message.id().seq())
                .containsExactly(2L, 3L);
        assertThat(store().messages(conversation.id(), 4, 2)).isEmpty();
        assertThat(store().events(conversation.id(), 2, 2))
                .extracting(Event::seq)
                .containsExactly(3L, 4L);
        assertThat(store().events(conversation.id(), 5, 2)).isEmpty();
    }

    @Test
    default void events_are_read_as_they_were_given() {
        ChangeSet change = opening("c1").hears("1").notes("2").done();
        attempt(change);

        assertThat(store().events(change.next().id(), 0, 10)).isEqualTo(change.events());
    }

    @Test
    default void one_message_is_read_by_its_name() {
        Conversation conversation = commit(opening("c1").hears("1").hears("2"));

        assertThat(store().message(message(conversation, 2))
                        .map(Message::content)
                        .map(content -> content.text()))
                .contains("2");
        assertThat(store().message(message(conversation, 3))).isEmpty();
    }

    @Test
    default void I12_nothing_is_read_under_another_tenant() {
        Conversation conversation = commit(opening("c1").hears("1"));
        ConversationId foreign =
                new ConversationId(OTHER_TENANT, conversation.id().value());

        assertThat(store().conversation(foreign)).isEmpty();
        assertThat(store().messages(foreign, 0, 10)).isEmpty();
        assertThat(store().message(new MessageId(foreign, 1))).isEmpty();
        assertThat(store().events(foreign, 0, 10)).isEmpty();
        assertThat(store().conversations(new Query(OTHER_TENANT, null, null, null, null, 10, null))
                        .items())
                .isEmpty();
    }

    @Test
    default void what_does_not_exist_is_read_as_nothing() {
        ConversationId nobody = new ConversationId(TENANT, UUID.randomUUID());

        assertThat(store().conversation(nobody)).isEmpty();
        assertThat(store().messages(nobody, 0, 10)).isEmpty();
        assertThat(store().events(nobody, 0, 10)).isEmpty();
    }

    @Test
    default void conversations_are_listed_latest_activity_first() {
        Conversation first = commit(opening("c1"));
        letTheShortPass();
        Conversation second = commit(opening("c2"));
        letTheShortPass();
        first = commit(change(first).hears("me again"));

        Page page = store().conversations(query(null, null, null, null));

        assertThat(page.items()).containsExactly(first, second);
        assertThat(page.nextCursor()).isNull();
    }

    @Test
    default void conversations_are_found_by_status_phase_agent_and_customer() {
        Conversation bots = commit(opening("c1"));
        Conversation waiting = commit(opening("c2").waits("default", 0, now()));
        Conversation anas = commit(opening("c3").taken(agent("ana")));
        Conversation brunos = commit(opening("c4").taken(agent("bruno")));
        Conversation closed = commit(change(commit(opening("c1%_"))).closed());

        assertThat(found(query(ConversationStatus.PROGRESS, null, null, null))).containsExactly(bots);
        assertThat(found(query(ConversationStatus.HUMAN_HANDOFF, null, null, null)))
                .containsExactlyInAnyOrder(waiting, anas, brunos);
        assertThat(found(query(ConversationStatus.AGENT_CLOSED, null, null, null)))
                .containsExactly(closed);
        assertThat(found(query(null, HandoffPhase.WAITING_AGENT, null, null))).containsExactly(waiting);
        assertThat(found(query(null, HandoffPhase.ASSIGNED, null, null))).containsExactlyInAnyOrder(anas, brunos);
        assertThat(found(query(null, null, "ana", null))).containsExactly(anas);
        assertThat(found(query(null, null, null, "c1"))).containsExactly(bots);
        assertThat(found(query(null, null, null, "c"))).isEmpty();
        assertThat(found(query(ConversationStatus.HUMAN_HANDOFF, HandoffPhase.ASSIGNED, "bruno", "c4")))
                .containsExactly(brunos);
        assertThat(found(query(ConversationStatus.PROGRESS, null, "ana", null))).isEmpty();
    }

    @Test
    default void pages_follow_each_other_with_nothing_missed_or_repeated_even_at_one_instant() {
        Instant now = now();
        List<ConversationId> all = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            all.add(commit(Draft.opening(address(TENANT, "c" + i), now)).id());
        }

        List<Conversation> seen = new ArrayList<>();
        @Nullable String cursor = null;
        do {
            Page page = store().conversations(new Query(TENANT, null, null, null, null, 4, cursor));
            assertThat(page.items()).isNotEmpty().hasSizeLessThanOrEqualTo(4);
            seen.addAll(page.items());
            cursor = page.nextCursor();
        } while (cursor != null);

        assertThat(seen).extracting(Conversation::id).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    default void a_full_page_that_is_the_last_says_so() {
        commit(opening("c1"));
        commit(opening("c2"));

        assertThat(store().conversations(new Query(TENANT, null, null, null, null, 2, null))
                        .nextCursor())
                .isNull();
    }

    @Test
    default void a_cursor_that_no_page_has_given_is_refused() {
        for (String cursor : List.of("nonsense", "", "%%%", "MTIz", "0", "'; DROP TABLE conversation; --")) {
            assertThatThrownBy(() -> store().conversations(new Query(TENANT, null, null, null, null, 2, cursor)))
                    .as("cursor '%s'", cursor)
                    .isInstanceOf(BadCursorException.class);
        }
    }

    @Test
    default void a_cursor_from_a_time_that_no_calendar_of_a_database_has_is_refused() {
        for (String time :
                List.of("+999999999-12-31T23:59:59Z", "+294277-01-01T00:00:00Z", "-999999999-01-01T00:00:00Z")) {
            String cursor = Base64.getUrlEncoder()
                    .encodeToString((time + " 00000000-0000-0000-0000-000000000001").getBytes(StandardCharsets.UTF_8));
            assertThatThrownBy(() -> store().conversations(new Query(TENANT, null, null, null, null, 2, cursor)))
                    .as("the cursor of %s", time)
                    .isInstanceOf(BadCursorException.class);
        }
    }

    @Test
    default void the_queue_is_served_by_priority_then_oldest_handoff() {
        Instant now = now();
        Conversation young = commit(opening("c1").waits("default", 0, now.minusSeconds(1)));
        Conversation old = commit(opening("c2").waits("default", 0, now.minusSeconds(9)));
        Conversation urgent = commit(opening("c3").waits("billing", 5, now));
        Conversation low = commit(opening("c4").waits("default", -1, now.minusSeconds(99)));

        assertThat(store().queue(TENANT, null, 10)).containsExactly(urgent, old, young, low);
        assertThat(store().queue(TENANT, null, 2)).containsExactly(urgent, old);
        assertThat(store().queue(TENANT, "default", 10)).containsExactly(old, young, low);
        assertThat(store().queue(TENANT, "nobody", 10)).isEmpty();
    }

    @Test
    default void only_who_waits_is_in_the_queue() {
        commit(opening("c1"));
        commit(opening("c2").taken(agent("ana")));
        commit(change(commit(opening("c3").waits("default", 0, now()))).closed());
        commit(Draft.opening(address(OTHER_TENANT, "c4"), now()).waits("default", 0, now()));

        assertThat(store().queue(TENANT, null, 10)).isEmpty();
    }

    private List<Conversation> found(Query query) {
        return store().conversations(query).items();
    }

    private static Query query(
            @Nullable ConversationStatus status,
            @Nullable HandoffPhase phase,
            @Nullable String agentId,
            @Nullable String customer) {
        return new Query(TENANT, status, phase, agentId, customer, 10, null);
    }

    private static Agent agent(String id) {
        return new Agent(TENANT, id, AgentRole.AGENT, 5);
    }
}
