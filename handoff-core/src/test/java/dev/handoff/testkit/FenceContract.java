package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.again;
import static dev.handoff.testkit.StoreUnderTest.dead;
import static dev.handoff.testkit.StoreUnderTest.sent;
import static dev.handoff.testkit.StoreUnderTest.unknown;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Conversation;
import dev.handoff.model.Delivery;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.Outbox.RetryDecision;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.UnresolvedAttempt;
import java.util.List;
import org.junit.jupiter.api.Test;

/** No bot message of an epoch gets a permit once the epoch is over. */
interface FenceContract extends StoreUnderTest {
    Agent ANA = new Agent(TENANT, "ana", AgentRole.AGENT, 100);

    @Test
    default void I1_a_waiting_bot_message_is_suppressed_by_a_change_of_control() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one", "two");

        assertThat(inFlightAt(change(conversation).taken(ANA))).isEmpty();

        assertThat(permits()).isEmpty();
        assertThat(delivery(message(conversation, 1))).isEqualTo(Delivery.SUPPRESSED);
        assertThat(delivery(message(conversation, 2))).isEqualTo(Delivery.SUPPRESSED);
        assertThat(deliveriesTold(message(conversation, 1))).containsExactly("SUPPRESSED");
        assertThat(deliveriesTold(message(conversation, 2))).containsExactly("SUPPRESSED");
    }

    @Test
    default void I1_every_change_of_control_fences_not_only_a_takeover() {
        Conversation waiting = saying("c1", MessageOwner.BOT, "one");
        commit(change(waiting).waits("default", 0, now()));
        Conversation closed = saying("c2", MessageOwner.BOT, "one");
        commit(change(closed).closed());

        assertThat(permits()).isEmpty();
    }

    @Test
    default void a_commit_that_does_not_change_control_fences_nothing() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");

        assertThat(inFlightAt(change(conversation).hears("hello"))).isEmpty();

        assertThat(permit().message().id()).isEqualTo(message(conversation, 1));
    }

    @Test
    default void agents_and_the_system_are_never_fenced() {
        Conversation conversation =
                commit(opening("c1").says(MessageOwner.SYSTEM, "notice").says(MessageOwner.AGENT, "hi"));
        Conversation taken = commit(change(conversation).taken(ANA));
        commit(change(taken).released());

        OutboundPermit notice = permit();
        assertThat(notice.message().id()).isEqualTo(message(conversation, 1));
        record(notice, again());
        record(permit(), sent("p1"));
        assertThat(permit().message().id()).isEqualTo(message(conversation, 2));
    }

    @Test
    default void what_the_new_epoch_says_in_the_same_commit_is_not_fenced() {
        Conversation conversation = commit(opening("c1").taken(ANA));

        commit(change(conversation)
                .released()
                .says(MessageOwner.SYSTEM, "the bot is back")
                .says(MessageOwner.BOT, "hello again"));

        record(permit(), sent("p1"));
        assertThat(permit().message().owner()).isEqualTo(MessageOwner.BOT);
    }

    @Test
    default void another_conversation_is_not_fenced() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        Conversation other = saying("c2", MessageOwner.BOT, "one");

        commit(change(conversation).taken(ANA));

        assertThat(permit().message().id()).isEqualTo(message(other, 1));
    }

    @Test
    default void I1_a_message_that_has_its_permit_is_reported_in_flight_and_may_still_be_sent() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one", "two");
        OutboundPermit permit = permit();

        assertThat(inFlightAt(change(conversation).taken(ANA))).containsExactly(message(conversation, 1));

        assertThat(delivery(message(conversation, 1))).isEqualTo(Delivery.DISPATCHING);
        assertThat(delivery(message(conversation, 2))).isEqualTo(Delivery.SUPPRESSED);
        record(permit, sent("p1"));
        assertThat(delivery(message(conversation, 1))).isEqualTo(Delivery.SENT);
    }

    @Test
    default void I1_a_message_whose_outcome_is_unknown_is_reported_in_flight() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        record(permit(), unknown());

        assertThat(inFlightAt(change(conversation).taken(ANA))).containsExactly(message(conversation, 1));
    }

    @Test
    default void a_message_that_is_settled_is_not_in_flight() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "sent", "failed");
        record(permit(), sent("p1"));
        record(permit(), dead());

        assertThat(inFlightAt(change(conversation).taken(ANA))).isEmpty();

        assertThat(delivery(message(conversation, 1))).isEqualTo(Delivery.SENT);
        assertThat(delivery(message(conversation, 2))).isEqualTo(Delivery.FAILED);
    }

    @Test
    default void an_agents_message_is_not_reported_in_flight() {
        Conversation conversation = saying("c1", MessageOwner.AGENT, "one");
        permit();

        assertThat(inFlightAt(change(conversation).taken(ANA))).isEmpty();
    }

    @Test
    default void I1_a_fenced_message_that_was_certainly_not_sent_is_suppressed_not_tried_again() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        OutboundPermit permit = permit();
        commit(change(conversation).taken(ANA));

        record(permit, again());

        assertThat(permits()).isEmpty();
        assertThat(delivery(message(conversation, 1))).isEqualTo(Delivery.SUPPRESSED);
        assertThat(deliveriesTold(message(conversation, 1))).containsExactly("SUPPRESSED");
    }

    @Test
    default void I1_a_fenced_message_is_not_sent_when_control_has_come_back_to_the_bot() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        OutboundPermit permit = permit();
        Conversation taken = commit(change(conversation).taken(ANA));
        commit(change(taken).released());

        record(permit, again());

        assertThat(permits()).isEmpty();
    }

    @Test
    default void I1_a_fenced_message_whose_lease_ran_out_is_unknown_and_once_known_as_unsent_suppressed() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        store().claimPermits(PermitRequest.upTo(1, SHORT));
        commit(change(conversation).taken(ANA));
        letTheShortPass();

        assertThat(store().expireLeases(10)).isEqualTo(1);
        assertThat(delivery(message(conversation, 1))).isEqualTo(Delivery.UNKNOWN);
        List<UnresolvedAttempt> unresolved = store().claimUnresolved(10, LONG);
        assertThat(unresolved).hasSize(1);
        record(unresolved.get(0).message().id(), unresolved.get(0).message().attemptToken(), again());

        assertThat(permits()).isEmpty();
        assertThat(delivery(message(conversation, 1))).isEqualTo(Delivery.SUPPRESSED);
    }

    @Test
    default void the_truth_wins_over_a_suppression_that_came_of_look_ups() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        OutboundPermit permit = permit();
        record(permit, unknown());
        commit(change(conversation).taken(ANA));
        record(permit, again());
        assertThat(delivery(message(conversation, 1))).isEqualTo(Delivery.SUPPRESSED);

        record(permit, sent("p1"));

        assertThat(delivery(message(conversation, 1))).isEqualTo(Delivery.SENT);
    }

    @Test
    default void the_truth_wins_over_suppression() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        OutboundPermit permit = permit();
        record(permit, unknown());
        commit(change(conversation).taken(ANA));
        record(permit, again());

        assertThat(report(permit, "p1", DeliveryStatus.SENT)).isTrue();

        assertThat(delivery(message(conversation, 1))).isEqualTo(Delivery.SENT);
        assertThat(deliveriesTold(message(conversation, 1))).containsExactly("UNKNOWN", "SUPPRESSED", "SENT");
    }

    @Test
    default void I1_a_bots_dead_letter_that_failed_after_the_takeover_is_never_queued_again() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        OutboundPermit permit = permit();
        commit(change(conversation).taken(ANA));
        record(permit, dead());

        assertStaysDead(message(conversation, 1));
    }

    @Test
    default void I1_a_bots_dead_letter_that_failed_before_the_takeover_is_never_queued_again() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        record(permit(), dead());
        commit(change(conversation).taken(ANA));

        assertStaysDead(message(conversation, 1));
    }

    @Test
    default void I1_a_bots_message_that_was_sent_and_failed_after_the_takeover_is_never_queued_again() {
        Conversation conversation = saying("c1", MessageOwner.BOT, "one");
        record(permit(), sent("p1"));
        commit(change(conversation).taken(ANA));
        report("p1", DeliveryStatus.FAILED);

        assertStaysDead(message(conversation, 1));
    }

    private void assertStaysDead(MessageId id) {
        assertThat(store().retryDeadLetter(id, new Actor.Host())).isEqualTo(RetryDecision.SUPPRESSED);
        assertThat(delivery(id)).isEqualTo(Delivery.FAILED);
        assertThat(permits()).isEmpty();
    }
}
