package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.address;
import static dev.handoff.testkit.StoreUnderTest.again;
import static dev.handoff.testkit.StoreUnderTest.dead;
import static dev.handoff.testkit.StoreUnderTest.sent;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Event;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.Outbox.RetryDecision;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Messages that failed, and operators who want them sent all the same. */
interface DeadLetterContract extends StoreUnderTest {

    @Test
    default void dead_letters_are_listed_latest_first() {
        MessageId first = failed("c1");
        letTheShortPass();
        MessageId second = failed("c2");
        letTheShortPass();
        MessageId third = failed("c3");

        assertThat(store().deadLetters(TENANT, 10)).extracting(Message::id).containsExactly(third, second, first);
        assertThat(store().deadLetters(TENANT, 2)).extracting(Message::id).containsExactly(third, second);
        assertThat(store().deadLetters(TENANT, 10).get(0)).isEqualTo(stored(third));
    }

    @Test
    default void I12_dead_letters_are_their_tenants_own() {
        commit(Draft.opening(address(OTHER_TENANT, "c1"), now()).says(MessageOwner.BOT, "one"));
        record(permit(), dead());

        assertThat(store().deadLetters(TENANT, 10)).isEmpty();
        assertThat(store().deadLetters(OTHER_TENANT, 10)).hasSize(1);
    }

    @Test
    default void a_dead_letter_is_queued_again_when_an_operator_asks() {
        MessageId id = failed("c1");

        RetryDecision decision = store().retryDeadLetter(id, new Actor.Human("root", AgentRole.ADMIN));

        assertThat(decision).isEqualTo(RetryDecision.QUEUED);
        assertThat(delivery(id)).isEqualTo(Delivery.QUEUED);
        assertThat(store().deadLetters(TENANT, 10)).isEmpty();
        assertThat(deliveriesTold(id)).containsExactly("FAILED", "QUEUED");
        Event queued = deliveryUpdates(id).get(1);
        assertThat(queued.actor()).isEqualTo("agent:root");
    }

    @Test
    default void attempts_and_time_budget_begin_anew() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        OutboundPermit first = permit();
        record(first, again());
        record(permit(), dead());
        letTheShortPass();

        store().retryDeadLetter(message(conversation, 1), new Actor.Host());

        OutboundPermit retried = permit();
        assertThat(retried.message().attempt()).isEqualTo(1);
        assertThat(retried.queuedAt()).isAfter(first.queuedAt());
        record(retried, sent("p1"));
        assertThat(delivery(message(conversation, 1))).isEqualTo(Delivery.SENT);
        assertThat(stored(message(conversation, 1)).error()).isNull();
    }

    @Test
    default void a_failure_that_is_reported_once_more_does_not_fail_the_new_attempt() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit first = permit();
        record(first, sent("p1"));
        report(first, "p1", DeliveryStatus.FAILED);
        store().retryDeadLetter(id, new Actor.Host());

        report(first, "p1", DeliveryStatus.FAILED);

        assertThat(delivery(id)).isEqualTo(Delivery.QUEUED);
        record(permit(), sent("p2"));
        assertThat(stored(id).providerMessageId()).isEqualTo("p2");
        assertThat(report("p2", DeliveryStatus.DELIVERED)).isTrue();
        assertThat(delivery(id)).isEqualTo(Delivery.DELIVERED);
    }

    @Test
    default void what_is_not_dead_is_not_queued_again() {
        Conversation conversation =
                commit(opening("c1").hears("in").says(MessageOwner.BOT, "one").isSuppressed("late"));
        Actor operator = new Actor.Host();

        assertThat(store().retryDeadLetter(message(conversation, 1), operator)).isEqualTo(RetryDecision.NOT_DEAD);
        assertThat(store().retryDeadLetter(message(conversation, 2), operator)).isEqualTo(RetryDecision.NOT_DEAD);
        assertThat(store().retryDeadLetter(message(conversation, 3), operator)).isEqualTo(RetryDecision.NOT_DEAD);
        record(permit(), sent("p1"));
        assertThat(store().retryDeadLetter(message(conversation, 2), operator)).isEqualTo(RetryDecision.NOT_DEAD);
    }

    @Test
    default void what_does_not_exist_is_not_found() {
        MessageId id = failed("c1");
        Actor operator = new Actor.Host();
        ConversationId foreign =
                new ConversationId(OTHER_TENANT, id.conversation().value());

        assertThat(store().retryDeadLetter(new MessageId(id.conversation(), 9), operator))
                .isEqualTo(RetryDecision.NOT_FOUND);
        assertThat(store().retryDeadLetter(new MessageId(new ConversationId(TENANT, UUID.randomUUID()), 1), operator))
                .isEqualTo(RetryDecision.NOT_FOUND);
        assertThat(store().retryDeadLetter(new MessageId(foreign, 1), operator)).isEqualTo(RetryDecision.NOT_FOUND);
    }

    @Test
    default void a_dead_letter_that_an_operator_drops_has_failed_and_is_listed_no_more() {
        MessageId id = failed("c1");

        assertThat(store().dropDeadLetter(id, new Actor.Human("root", AgentRole.ADMIN)))
                .isTrue();

        assertThat(store().deadLetters(TENANT, 10)).isEmpty();
        assertThat(delivery(id)).isEqualTo(Delivery.FAILED);
        assertThat(stored(id).error()).isEqualTo("dropped: given up");
        assertThat(deliveriesTold(id)).containsExactly("FAILED", "FAILED");
        assertThat(deliveryUpdates(id).get(1).actor()).isEqualTo("agent:root");
        assertThat(store().dropDeadLetter(id, new Actor.Host())).as("again").isFalse();
    }

    @Test
    default void what_was_dropped_can_be_queued_again_and_may_fail_again() {
        MessageId id = failed("c1");
        store().dropDeadLetter(id, new Actor.Host());

        assertThat(store().retryDeadLetter(id, new Actor.Host())).isEqualTo(RetryDecision.QUEUED);
        record(permit(), dead());

        assertThat(store().deadLetters(TENANT, 10)).extracting(Message::id).containsExactly(id);
    }

    @Test
    default void what_was_dropped_stays_so_when_the_provider_reports_that_it_failed() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        record(permit, dead());
        store().dropDeadLetter(id, new Actor.Host());

        report(permit, "p1", DeliveryStatus.FAILED);

        assertThat(store().deadLetters(TENANT, 10)).isEmpty();
        assertThat(stored(id).error()).isEqualTo("dropped: given up");
    }

    @Test
    default void what_is_no_dead_letter_is_not_dropped() {
        ConversationId foreign =
                new ConversationId(OTHER_TENANT, failed("c2").conversation().value());
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");

        assertThat(store().dropDeadLetter(message(conversation, 1), new Actor.Host()))
                .isFalse();
        assertThat(store().dropDeadLetter(message(conversation, 9), new Actor.Host()))
                .isFalse();
        assertThat(store().dropDeadLetter(new MessageId(foreign, 1), new Actor.Host()))
                .isFalse();
    }

    @Test
    default void an_agents_dead_letter_is_queued_again_whoever_is_in_control_now() {
        Conversation conversation = saying("c1", MessageOwner.AGENT, "one");
        record(permit(), dead());
        commit(change(conversation).taken(new Agent(TENANT, "ana", AgentRole.AGENT, 5)));

        assertThat(store().retryDeadLetter(message(conversation, 1), new Actor.Host()))
                .isEqualTo(RetryDecision.QUEUED);
    }

    @Test
    default void I4_a_dead_letter_that_is_queued_again_keeps_its_place_in_the_queue() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one", "two");
        record(permit(), dead());
        store().retryDeadLetter(message(conversation, 1), new Actor.Host());

        List<OutboundPermit> permits = permits();

        assertThat(permits).extracting(permit -> permit.message().id()).containsExactly(message(conversation, 1));
    }

    private MessageId failed(String customer) {
        MessageId id = message(saying(customer, MessageOwner.BOT, "one"), 1);
        record(permit(), dead());
        return id;
    }
}
