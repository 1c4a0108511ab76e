package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.again;
import static dev.handoff.testkit.StoreUnderTest.dead;
import static dev.handoff.testkit.StoreUnderTest.notFound;
import static dev.handoff.testkit.StoreUnderTest.sent;
import static dev.handoff.testkit.StoreUnderTest.unknown;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.model.Actor;
import dev.handoff.model.Conversation;
import dev.handoff.model.Delivery;
import dev.handoff.model.Event;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.AttemptResult.Verdict;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.UnresolvedAttempt;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What attempts come to: results, leases that run out, and outcomes that must be looked up. */
interface AttemptContract extends StoreUnderTest {

    @Test
    default void a_message_that_the_provider_has_is_sent_and_bears_the_providers_id() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);

        record(permit(), sent("p1"));

        assertThat(delivery(id)).isEqualTo(Delivery.SENT);
        assertThat(stored(id).providerMessageId()).isEqualTo("p1");
        assertThat(stored(id).error()).isNull();
        assertThat(store().messages(id.conversation(), 0, 10)).containsExactly(stored(id));
    }

    @Test
    default void a_change_of_delivery_is_told_in_the_feed() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);

        record(permit(), sent("p1"));

        List<Event> updates = deliveryUpdates(id);
        assertThat(updates).hasSize(1);
        Event update = updates.get(0);
        assertThat(update.tenant()).isEqualTo(TENANT);
        assertThat(update.conversation()).isEqualTo(id.conversation());
        assertThat(update.seq()).isNull();
        assertThat(update.actor()).isEqualTo("channel:fake");
        assertThat(update.data())
                .containsEntry("messageId", id.text())
                .containsEntry("owner", "BOT")
                .containsEntry("delivery", "SENT")
                .containsEntry("providerMessageId", "p1");
    }

    @Test
    default void a_message_that_is_given_up_has_failed_with_its_reason() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);

        record(permit(), new Verdict.Dead("21211: not a number"));

        assertThat(delivery(id)).isEqualTo(Delivery.FAILED);
        assertThat(stored(id).error()).isEqualTo("21211: not a number");
        assertThat(deliveriesTold(id)).containsExactly("FAILED");
        assertThat(deliveryUpdates(id).get(0).data()).containsEntry("error", "21211: not a number");
    }

    @Test
    default void a_message_that_is_to_be_tried_again_is_queued() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);

        record(permit(), again());

        assertThat(delivery(id)).isEqualTo(Delivery.QUEUED);
    }

    @Test
    default void a_message_that_was_perhaps_sent_is_unknown_with_its_reason() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);

        record(permit(), new Verdict.Unknown("timed out", LONG));

        assertThat(delivery(id)).isEqualTo(Delivery.UNKNOWN);
        assertThat(stored(id).error()).isEqualTo("timed out");
        assertThat(deliveriesTold(id)).containsExactly("UNKNOWN");
    }

    @Test
    default void many_results_are_written_in_one_call() {
        MessageId one = message(saying("c1", MessageOwner.BOT, "one"), 1);
        MessageId two = message(saying("c2", MessageOwner.BOT, "one"), 1);
        List<OutboundPermit> permits = permits();

        store().recordResults(permits.stream()
                .map(permit -> new AttemptResult(
                        permit.message().id(),
                        permit.message().attemptToken(),
                        sent("p-" + permit.message().id().text())))
                .toList());
        store().recordResults(List.of());

        assertThat(delivery(one)).isEqualTo(Delivery.SENT);
        assertThat(delivery(two)).isEqualTo(Delivery.SENT);
    }

    @Test
    default void a_result_of_an_attempt_that_never_was_changes_nothing() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        permit();

        record(message(conversation, 1), UUID.randomUUID(), sent("p1"));
        record(message(conversation, 99), UUID.randomUUID(), sent("p1"));

        assertThat(delivery(message(conversation, 1))).isEqualTo(Delivery.DISPATCHING);
    }

    @Test
    default void a_result_of_an_attempt_before_the_present_one_changes_nothing() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit first = permit();
        record(first, again());
        permit();

        record(first, dead());

        assertThat(delivery(id)).isEqualTo(Delivery.DISPATCHING);
    }

    @Test
    default void a_result_that_comes_twice_counts_once() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        record(permit, sent("p1"));

        record(permit, dead());
        record(permit, again());
        record(permit, unknown());

        assertThat(delivery(id)).isEqualTo(Delivery.SENT);
        assertThat(deliveriesTold(id)).containsExactly("SENT");
    }

    @Test
    default void an_unknown_outcome_that_is_tried_again_keeps_the_moment_from_which_its_time_budget_counts() {
        saying("c1", MessageOwner.BOT, "one");
        OutboundPermit first = permit();
        record(first, unknown());
        record(first, again());

        assertThat(permit().queuedAt()).isEqualTo(first.queuedAt());
    }

    @Test
    default void a_lease_that_lasts_is_left_alone() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        permit();

        assertThat(store().expireLeases(10)).isZero();
        assertThat(delivery(id)).isEqualTo(Delivery.DISPATCHING);
    }

    @Test
    default void an_attempt_whose_lease_has_run_out_is_unknown_and_looked_up_at_once() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        store().claimPermits(PermitRequest.upTo(1, SHORT));
        letTheShortPass();

        assertThat(store().expireLeases(10)).isEqualTo(1);

        assertThat(delivery(id)).isEqualTo(Delivery.UNKNOWN);
        assertThat(deliveriesTold(id)).containsExactly("UNKNOWN");
        assertThat(deliveryUpdates(id).get(0).actor()).isEqualTo("clock");
        assertThat(store().claimUnresolved(10, LONG)).hasSize(1);
        assertThat(store().expireLeases(10)).isZero();
    }

    @Test
    default void no_more_leases_are_ended_than_were_asked_for() {
        for (int i = 0; i < 3; i++) {
            saying("c" + i, MessageOwner.BOT, "one");
        }
        store().claimPermits(PermitRequest.upTo(3, SHORT));
        letTheShortPass();

        assertThat(store().expireLeases(2)).isEqualTo(2);
        assertThat(store().expireLeases(2)).isEqualTo(1);
    }

    @Test
    default void a_result_that_comes_after_its_lease_still_tells_the_truth() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit =
                store().claimPermits(PermitRequest.upTo(1, SHORT)).get(0);
        letTheShortPass();
        store().expireLeases(10);

        record(permit, sent("p1"));

        assertThat(delivery(id)).isEqualTo(Delivery.SENT);
    }

    @Test
    default void an_unknown_outcome_is_looked_up_when_its_wait_for_a_callback_is_over() {
        saying("c1", MessageOwner.BOT, "one");
        OutboundPermit permit = permit();
        record(permit, new Verdict.Unknown("timed out", SHORT));
        letTheShortPass();

        List<UnresolvedAttempt> unresolved = store().claimUnresolved(10, LONG);

        assertThat(unresolved).hasSize(1);
        assertThat(unresolved.get(0).message()).isEqualTo(permit.message());
        assertThat(unresolved.get(0).lookUps()).isZero();
        assertThat(unresolved.get(0).boundElsewhere()).isEmpty();
    }

    @Test
    default void an_unknown_outcome_is_not_looked_up_before() {
        saying("c1", MessageOwner.BOT, "one");
        record(permit(), new Verdict.Unknown("timed out", LONG));

        assertThat(store().claimUnresolved(10, LONG)).isEmpty();
    }

    @Test
    default void a_look_up_is_claimed_by_one_until_its_lease_is_over() {
        saying("c1", MessageOwner.BOT, "one");
        record(permit(), unknown());
        assertThat(store().claimUnresolved(10, SHORT)).hasSize(1);
        letTheShortPass();
        assertThat(store().claimUnresolved(10, LONG)).hasSize(1);

        assertThat(store().claimUnresolved(10, LONG)).isEmpty();
    }

    @Test
    default void no_more_look_ups_are_given_than_were_asked_for() {
        for (int i = 0; i < 3; i++) {
            saying("c" + i, MessageOwner.BOT, "one");
        }
        permits().forEach(permit -> record(permit, unknown()));

        assertThat(store().claimUnresolved(2, LONG)).hasSize(2);
        assertThat(store().claimUnresolved(2, LONG)).hasSize(1);
    }

    @Test
    default void look_ups_that_decided_nothing_are_counted_and_told_once() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        record(permit, unknown());
        assertThat(store().claimUnresolved(10, LONG).get(0).lookUps()).isZero();

        record(permit, notFound(1));
        assertThat(store().claimUnresolved(10, LONG).get(0).lookUps()).isEqualTo(1);
        record(permit, notFound(2));
        assertThat(store().claimUnresolved(10, LONG).get(0).lookUps()).isEqualTo(2);

        assertThat(deliveriesTold(id)).containsExactly("UNKNOWN");
    }

    @Test
    default void I4_a_look_up_that_is_written_twice_counts_once() {
        saying("c1", MessageOwner.BOT, "one");
        OutboundPermit permit = permit();
        record(permit, unknown());

        record(permit, notFound(1));
        record(permit, notFound(1));

        assertThat(store().claimUnresolved(10, LONG)).singleElement().returns(1, UnresolvedAttempt::lookUps);
    }

    @Test
    default void I4_an_unknown_outcome_that_is_written_twice_is_not_a_look_up_in_vain() {
        saying("c1", MessageOwner.BOT, "one");
        OutboundPermit permit = permit();

        record(permit, unknown());
        record(permit, unknown());

        assertThat(store().claimUnresolved(10, LONG)).singleElement().returns(0, UnresolvedAttempt::lookUps);
    }

    @Test
    default void I4_a_result_that_comes_after_its_lease_and_knows_nothing_is_not_a_look_up_in_vain() {
        saying("c1", MessageOwner.BOT, "one");
        OutboundPermit permit =
                store().claimPermits(PermitRequest.upTo(1, SHORT)).get(0);
        letTheShortPass();
        store().expireLeases(10);

        record(permit, unknown());

        assertThat(store().claimUnresolved(10, LONG)).singleElement().returns(0, UnresolvedAttempt::lookUps);
    }

    @Test
    default void I4_look_ups_in_vain_from_before_the_send_has_ended_count_for_nothing() {
        saying("c1", MessageOwner.BOT, "one");
        OutboundPermit permit =
                store().claimPermits(PermitRequest.upTo(1, SHORT)).get(0);
        letTheShortPass();
        store().expireLeases(10);
        record(permit, notFound(1));

        record(permit, unknown());

        assertThat(store().claimUnresolved(10, LONG)).singleElement().returns(0, UnresolvedAttempt::lookUps);
    }

    @Test
    default void look_ups_are_counted_anew_for_each_attempt() {
        saying("c1", MessageOwner.BOT, "one");
        OutboundPermit first = permit();
        record(first, unknown());
        record(first, notFound(1));
        record(first, again());

        record(permit(), unknown());

        assertThat(store().claimUnresolved(10, LONG)).singleElement().returns(0, UnresolvedAttempt::lookUps);
    }

    @Test
    default void I4_a_message_that_was_sent_after_all_is_no_dead_letter() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        record(permit, unknown());
        record(permit, dead());

        record(permit, sent("p1"));

        assertThat(delivery(id)).isEqualTo(Delivery.SENT);
        assertThat(stored(id).error()).isNull();
        assertThat(store().deadLetters(TENANT, 10)).isEmpty();
        assertThat(deliveriesTold(id)).containsExactly("UNKNOWN", "FAILED", "SENT");
    }

    @Test
    default void a_message_that_was_sent_and_then_failed_stays_a_dead_letter_when_its_own_answer_comes_last() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        report(permit, "p1", DeliveryStatus.FAILED);

        record(permit, sent("p1"));

        assertThat(delivery(id)).isEqualTo(Delivery.FAILED);
        assertThat(stored(id).providerMessageId()).isEqualTo("p1");
        assertThat(store().deadLetters(TENANT, 10)).hasSize(1);
    }

    @Test
    default void I4_a_message_that_was_looked_up_and_not_sent_is_sent_again() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        record(permit, unknown());

        record(permit, again());

        assertThat(permit().message().id()).isEqualTo(id);
    }

    @Test
    default void I4_a_message_that_was_sent_after_all_is_sent_though_it_was_queued_again() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        record(permit, unknown());
        record(permit, again());

        record(permit, sent("p1"));

        assertThat(delivery(id)).isEqualTo(Delivery.SENT);
        assertThat(stored(id).providerMessageId()).isEqualTo("p1");
        assertThat(stored(id).error()).isNull();
        assertThat(permits()).isEmpty();
        assertThat(report("p1", DeliveryStatus.DELIVERED)).isTrue();
    }

    @Test
    default void a_look_up_without_an_answer_comes_again_and_is_not_counted() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        record(permit, unknown());
        record(permit, notFound(1));
        store().claimUnresolved(10, LONG);

        record(permit, new Verdict.Unclear("the provider was out", SHORT));

        assertThat(delivery(id)).isEqualTo(Delivery.UNKNOWN);
        assertThat(stored(id).error()).isEqualTo("the provider was out");
        letTheShortPass();
        assertThat(store().claimUnresolved(10, LONG)).singleElement().returns(1, UnresolvedAttempt::lookUps);

        record(permit, new Verdict.Unclear("the provider was out", LONG));

        assertThat(store().claimUnresolved(10, LONG)).isEmpty();
        assertThat(deliveriesTold(id)).containsExactly("UNKNOWN");
    }

    @Test
    default void a_message_that_was_looked_up_and_sent_is_sent() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        record(permit, unknown());

        record(permit, sent("p1"));

        assertThat(delivery(id)).isEqualTo(Delivery.SENT);
        assertThat(stored(id).error()).isNull();
        assertThat(store().claimUnresolved(10, LONG)).isEmpty();
        assertThat(report("p1", DeliveryStatus.DELIVERED)).isTrue();
    }

    @Test
    default void a_look_up_is_told_which_provider_ids_belong_to_other_messages_to_the_customer() {
        Conversation before = saying("c1", MessageOwner.BOT, "long ago");
        record(permit(), sent("p-before"));
        commit(change(before).closed());
        saying("c2", MessageOwner.BOT, "somebody else");
        record(permit(), sent("p-else"));
        saying("c1", MessageOwner.BOT, "one", "two");
        record(permit(), sent("p-one"));
        record(permit(), unknown());

        List<UnresolvedAttempt> unresolved = store().claimUnresolved(10, LONG);

        assertThat(unresolved).hasSize(1);
        assertThat(unresolved.get(0).boundElsewhere())
                .contains("p-before", "p-one")
                .doesNotContain("p-else");
    }

    @Test
    default void a_look_up_is_not_misled_by_an_earlier_attempt_that_failed() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        record(permit(), sent("p-failed"));
        report("p-failed", DeliveryStatus.FAILED);
        store().retryDeadLetter(id, new Actor.Host());
        record(permit(), unknown());

        assertThat(store().claimUnresolved(10, LONG).get(0).boundElsewhere()).contains("p-failed");
    }

    @Test
    default void what_a_look_up_finds_settles_the_message() {
        MessageId id = message(saying("c1", MessageOwner.SYSTEM, "one"), 1);
        OutboundPermit permit = permit();
        record(permit, unknown());

        record(permit, new Verdict.Found("p1"));

        assertThat(delivery(id)).isEqualTo(Delivery.SENT);
        assertThat(stored(id).providerMessageId()).isEqualTo("p1");
        assertThat(stored(id).error()).isNull();
    }

    @Test
    default void I4_of_two_messages_that_say_the_same_only_one_is_what_a_look_up_finds() {
        MessageId one = message(saying("c1", MessageOwner.SYSTEM, "the same"), 1);
        MessageId two = message(saying("c2", MessageOwner.SYSTEM, "the same"), 1);
        List<OutboundPermit> permits = permits();
        permits.forEach(permit -> record(permit, unknown()));

        store().recordResults(permits.stream()
                .map(permit -> new AttemptResult(
                        permit.message().id(), permit.message().attemptToken(), new Verdict.Found("p1")))
                .toList());

        assertThat(List.of(delivery(one), delivery(two))).containsExactlyInAnyOrder(Delivery.SENT, Delivery.UNKNOWN);
        MessageId other = delivery(one) == Delivery.SENT ? two : one;
        assertThat(stored(other).providerMessageId()).isNull();
        assertThat(stored(other).error()).contains("another message");
        assertThat(store().claimUnresolved(10, LONG))
                .as("the other one is looked up again at once")
                .extracting(unresolved -> unresolved.message().id())
                .containsExactly(other);
    }
}
