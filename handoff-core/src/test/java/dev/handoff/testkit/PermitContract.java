package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.address;
import static dev.handoff.testkit.StoreUnderTest.again;
import static dev.handoff.testkit.StoreUnderTest.dead;
import static dev.handoff.testkit.StoreUnderTest.sent;
import static dev.handoff.testkit.StoreUnderTest.unknown;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.model.Actor;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult.Verdict;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.Outbox.RetryDecision;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Who may send what, and when: in queue order, one at a time for each conversation. */
interface PermitContract extends StoreUnderTest {

    @Test
    default void a_permit_says_all_that_a_channel_needs() {
        Instant before = now();
        Conversation conversation = saying("c1", MessageOwner.BOT, "olá 🙂");
        Instant between = now();

        OutboundPermit permit = permit();

        OutboundMessage message = permit.message();
        assertThat(message.id()).isEqualTo(message(conversation, 1));
        assertThat(message.address()).isEqualTo(conversation.address());
        assertThat(message.owner()).isEqualTo(MessageOwner.BOT);
        assertThat(message.content()).isEqualTo(Content.text("olá 🙂"));
        assertThat(message.attempt()).isEqualTo(1);
        assertThat(message.attemptToken()).isNotNull();
        assertThat(message.attemptedAt()).isBetween(between, now());
        assertThat(permit.queuedAt()).isBetween(before, between);
        assertThat(delivery(message.id())).isEqualTo(Delivery.DISPATCHING);
    }

    @Test
    default void the_permit_itself_is_not_told_in_the_feed() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        permit();

        assertThat(deliveryUpdates(message(conversation, 1))).isEmpty();
    }

    @Test
    default void a_message_gets_one_permit() {
        saying("c1", MessageOwner.BOT, "one");
        permit();

        assertThat(permits()).isEmpty();
    }

    @Test
    default void only_what_is_outbound_and_queued_gets_a_permit() {
        commit(opening("c1").hears("inbound").notes("a note").isSuppressed("too late"));

        assertThat(permits()).isEmpty();
    }

    @Test
    default void I4_the_next_message_of_a_conversation_waits_until_the_one_before_is_sent() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one", "two");
        OutboundPermit first = permit();
        assertThat(first.message().id()).isEqualTo(message(conversation, 1));
        assertThat(permits()).isEmpty();

        record(first, sent("p1"));

        assertThat(permit().message().id()).isEqualTo(message(conversation, 2));
    }

    @Test
    default void I4_messages_of_later_commits_stand_behind() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        commit(change(conversation).says(MessageOwner.SYSTEM, "two"));

        OutboundPermit first = permit();

        assertThat(first.message().id()).isEqualTo(message(conversation, 1));
    }

    @Test
    default void I4_a_message_that_waits_for_its_retry_holds_up_the_next() {
        saying("c1", MessageOwner.BOT, "one", "two");

        record(permit(), new Verdict.Again(LONG, "later", true));

        assertThat(permits()).isEmpty();
    }

    @Test
    default void I4_a_message_whose_outcome_is_unknown_holds_up_the_next() {
        saying("c1", MessageOwner.BOT, "one", "two");

        record(permit(), unknown());

        assertThat(permits()).isEmpty();
    }

    @Test
    default void a_message_that_was_given_up_or_suppressed_holds_up_nobody() {
        Conversation conversation = commit(
                opening("c1").says(MessageOwner.BOT, "one").isSuppressed("two").says(MessageOwner.BOT, "three"));

        record(permit(), dead());

        assertThat(permit().message().id()).isEqualTo(message(conversation, 3));
    }

    @Test
    default void I4_a_dead_letter_that_is_queued_again_waits_while_a_later_message_is_being_sent() {
        Conversation conversation = saying("c1", MessageOwner.AGENT, "one", "two");
        record(permit(), dead());
        OutboundPermit second = permit();

        assertThat(store().retryDeadLetter(message(conversation, 1), new Actor.Host()))
                .isEqualTo(RetryDecision.QUEUED);

        assertThat(permits()).isEmpty();
        record(second, sent("p2"));
        assertThat(permit().message().id()).isEqualTo(message(conversation, 1));
    }

    @Test
    default void I4_what_an_ended_conversation_still_has_to_say_goes_before_what_the_customers_next_one_says() {
        ConversationId earlier =
                new ConversationId(TENANT, new UUID(1, UUID.randomUUID().getLeastSignificantBits()));
        ConversationId later =
                new ConversationId(TENANT, new UUID(2, UUID.randomUUID().getLeastSignificantBits()));
        Conversation before = commit(Draft.opening(earlier, address(TENANT, "c1"), now())
                .says(MessageOwner.SYSTEM, "goodbye")
                .closed());
        Conversation next =
                commit(Draft.opening(later, address(TENANT, "c1"), now()).says(MessageOwner.BOT, "hello again"));
        OutboundPermit first = permit();
        assertThat(first.message().id()).isEqualTo(message(before, 1));
        assertThat(permits()).isEmpty();

        record(first, sent("p1"));

        assertThat(permit().message().id()).isEqualTo(message(next, 1));
    }

    @Test
    default void
            I4_nothing_is_said_to_a_customer_while_nobody_knows_whether_the_last_was_sent_in_whatever_conversation() {
        Conversation before = saying("c1", MessageOwner.SYSTEM, "the same");
        OutboundPermit first = permit();
        commit(change(before).closed());
        Conversation next = saying("c1", MessageOwner.SYSTEM, "the same");
        assertThat(permits()).isEmpty();
        record(first, unknown());
        assertThat(permits()).isEmpty();

        record(first, new Verdict.Found("p1"));

        assertThat(permit().message().id()).isEqualTo(message(next, 1));
    }

    @Test
    default void customers_and_inboxes_do_not_wait_for_each_other() {
        saying("c1", MessageOwner.BOT, "one");
        record(permit(), unknown());
        ConversationAddress there = address(TENANT, "c1");
        commit(Draft.opening(
                        new ConversationAddress(there.tenant(), there.channel(), "another inbox", there.customer()),
                        now())
                .says(MessageOwner.BOT, "from there"));

        assertThat(permits()).hasSize(1);
    }

    @Test
    default void conversations_do_not_wait_for_each_other() {
        saying("c1", MessageOwner.BOT, "one", "two");
        saying("c2", MessageOwner.BOT, "one", "two");
        commit(Draft.opening(address(OTHER_TENANT, "c1"), now()).says(MessageOwner.BOT, "one"));

        assertThat(permits()).hasSize(3);
    }

    @Test
    default void what_has_been_due_longest_comes_first() {
        Conversation older = saying("older", MessageOwner.BOT, "one");
        letTheShortPass();
        Conversation younger = saying("younger", MessageOwner.BOT, "one");
        letTheShortPass();
        record(permits(1).get(0), again());

        assertThat(permits(1).get(0).message().id()).isEqualTo(message(younger, 1));
        assertThat(permits(1).get(0).message().id()).isEqualTo(message(older, 1));
    }

    @Test
    default void no_more_permits_are_given_than_were_asked_for() {
        for (int i = 0; i < 5; i++) {
            saying("c" + i, MessageOwner.BOT, "one");
        }

        assertThat(permits(2)).hasSize(2);
        assertThat(permits(2)).hasSize(2);
        assertThat(permits(2)).hasSize(1);
    }

    @Test
    default void a_retry_comes_when_its_delay_is_over_as_a_new_attempt() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        OutboundPermit first = permit();
        record(first, new Verdict.Again(SHORT, "busy", true));
        assertThat(delivery(message(conversation, 1))).isEqualTo(Delivery.QUEUED);
        letTheShortPass();

        OutboundPermit second = permit();

        assertThat(second.message().attempt()).isEqualTo(2);
        assertThat(second.message().attemptToken()).isNotEqualTo(first.message().attemptToken());
        assertThat(second.queuedAt()).isEqualTo(first.queuedAt());
    }

    @Test
    default void an_attempt_at_which_nothing_was_tried_does_not_count() {
        saying("c1", MessageOwner.BOT, "one");

        record(permit(), new Verdict.Again(Duration.ZERO, "not at this pace", false));

        OutboundPermit next = permit();
        assertThat(next.message().attempt()).isEqualTo(1);
        record(next, new Verdict.Again(Duration.ZERO, "busy", true));
        assertThat(permit().message().attempt()).isEqualTo(2);
    }

    @Test
    default void I4_a_message_that_a_callback_has_settled_is_not_sent_again() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one", "two");
        OutboundPermit first = permit();
        record(first, unknown());
        record(first, again());

        assertThat(report(first, "p1", DeliveryStatus.SENT)).isTrue();

        assertThat(permit().message().id()).isEqualTo(message(conversation, 2));
    }
}
