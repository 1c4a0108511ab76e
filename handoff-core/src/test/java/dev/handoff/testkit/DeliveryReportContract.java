package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.again;
import static dev.handoff.testkit.StoreUnderTest.dead;
import static dev.handoff.testkit.StoreUnderTest.sent;
import static dev.handoff.testkit.StoreUnderTest.unknown;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.model.Delivery;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.OutboundPermit;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What providers report, in any order and repeated. */
interface DeliveryReportContract extends StoreUnderTest {

    @Test
    default void I7_a_delivery_climbs() {
        MessageId id = sentOne("p1");

        assertThat(report("p1", DeliveryStatus.DELIVERED)).isTrue();
        assertThat(delivery(id)).isEqualTo(Delivery.DELIVERED);
        assertThat(report("p1", DeliveryStatus.READ)).isTrue();
        assertThat(delivery(id)).isEqualTo(Delivery.READ);
        assertThat(deliveriesTold(id)).containsExactly("SENT", "DELIVERED", "READ");
        assertThat(deliveryUpdates(id).get(1).actor()).isEqualTo("channel:fake");
        assertThat(deliveryUpdates(id).get(1).data()).containsEntry("providerMessageId", "p1");
    }

    @Test
    default void I7_a_delivery_does_not_fall() {
        MessageId id = sentOne("p1");
        report("p1", DeliveryStatus.READ);

        for (DeliveryStatus lower : new DeliveryStatus[] {
            DeliveryStatus.DELIVERED,
            DeliveryStatus.SENT,
            DeliveryStatus.SENDING,
            DeliveryStatus.QUEUED,
            DeliveryStatus.ACCEPTED
        }) {
            assertThat(report("p1", lower)).isTrue();
        }

        assertThat(delivery(id)).isEqualTo(Delivery.READ);
        assertThat(deliveriesTold(id)).containsExactly("SENT", "READ");
    }

    @Test
    default void a_repeated_report_is_told_once() {
        MessageId id = sentOne("p1");

        report("p1", DeliveryStatus.DELIVERED);
        assertThat(report("p1", DeliveryStatus.DELIVERED)).isTrue();

        assertThat(deliveriesTold(id)).containsExactly("SENT", "DELIVERED");
    }

    @Test
    default void the_providers_own_steps_before_delivery_are_all_sent() {
        MessageId id = sentOne("p1");

        report("p1", DeliveryStatus.QUEUED);
        report("p1", DeliveryStatus.SENDING);
        report("p1", DeliveryStatus.SENT);

        assertThat(delivery(id)).isEqualTo(Delivery.SENT);
        assertThat(deliveriesTold(id)).containsExactly("SENT");
    }

    @Test
    default void a_failure_after_sending_fails_the_message() {
        MessageId id = sentOne("p1");

        assertThat(report("p1", DeliveryStatus.FAILED)).isTrue();
        assertThat(report("p1", DeliveryStatus.FAILED)).isTrue();

        assertThat(delivery(id)).isEqualTo(Delivery.FAILED);
        assertThat(stored(id).error()).isEqualTo("63016: outside the window");
        assertThat(deliveriesTold(id)).containsExactly("SENT", "FAILED");
        assertThat(store().deadLetters(TENANT, 10)).containsExactly(stored(id));
    }

    @Test
    default void a_failure_is_an_end_for_what_was_reported_before_it_and_comes_late() {
        MessageId id = sentOne("p1");
        report("p1", DeliveryStatus.FAILED);

        report("p1", DeliveryStatus.SENT);

        assertThat(delivery(id)).isEqualTo(Delivery.FAILED);
    }

    @Test
    default void I7_a_failure_after_delivery_is_recorded_and_not_applied() {
        MessageId delivered = sentOne("p1");
        report("p1", DeliveryStatus.DELIVERED);

        assertThat(report("p1", DeliveryStatus.FAILED)).isTrue();

        assertThat(delivery(delivered)).isEqualTo(Delivery.DELIVERED);
        assertThat(stored(delivered).error()).isEqualTo("63016: outside the window");
        assertThat(deliveriesTold(delivered)).containsExactly("SENT", "DELIVERED");
        assertThat(store().deadLetters(TENANT, 10)).isEmpty();
    }

    @Test
    default void I7_what_the_phone_has_received_it_has_received_whichever_report_comes_first() {
        for (DeliveryStatus received : new DeliveryStatus[] {DeliveryStatus.DELIVERED, DeliveryStatus.READ}) {
            MessageId failedFirst = sentTo("failed first, " + received);
            report("failed first, " + received, DeliveryStatus.FAILED);
            assertThat(store().deadLetters(TENANT, 10)).extracting(Message::id).containsExactly(failedFirst);
            report("failed first, " + received, received);
            MessageId failedLast = sentTo("failed last, " + received);
            report("failed last, " + received, received);
            report("failed last, " + received, DeliveryStatus.FAILED);

            assertThat(delivery(failedFirst)).isEqualTo(delivery(failedLast));
            assertThat(delivery(failedLast)).isEqualTo(Delivery.valueOf(received.name()));
            assertThat(store().deadLetters(TENANT, 10)).isEmpty();
        }
    }

    @Test
    default void a_report_on_nothing_that_is_known_says_so() {
        sentOne("p1");

        assertThat(report("p-unknown", DeliveryStatus.DELIVERED)).isFalse();
        assertThat(report(TENANT, UUID.randomUUID(), "p-unknown", DeliveryStatus.DELIVERED))
                .isFalse();
    }

    @Test
    default void a_report_with_a_token_that_nobody_knows_is_found_by_the_providers_id() {
        MessageId id = sentOne("p1");

        assertThat(report(TENANT, UUID.randomUUID(), "p1", DeliveryStatus.DELIVERED))
                .isTrue();
        assertThat(delivery(id)).isEqualTo(Delivery.DELIVERED);
    }

    @Test
    default void I12_a_report_of_another_tenant_or_channel_names_nothing_here() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        record(permit, sent("p1"));

        assertThat(report(OTHER_TENANT, permit.message().attemptToken(), "p1", DeliveryStatus.READ))
                .isFalse();
        assertThat(report(OTHER_TENANT, null, "p1", DeliveryStatus.READ)).isFalse();
        assertThat(store().recordDelivery(
                                new DeliveryUpdate(TENANT, "other", null, null, "p1", DeliveryStatus.READ, null)))
                .isFalse();
        assertThat(delivery(id)).isEqualTo(Delivery.SENT);
    }

    @Test
    default void a_report_settles_an_unknown_outcome_and_lets_the_next_message_go() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one", "two"), 1);
        OutboundPermit permit = permit();
        record(permit, unknown());

        assertThat(report(permit, "p1", DeliveryStatus.ACCEPTED)).isTrue();

        assertThat(delivery(id)).isEqualTo(Delivery.SENT);
        assertThat(stored(id).providerMessageId()).isEqualTo("p1");
        assertThat(stored(id).error()).isNull();
        assertThat(deliveriesTold(id)).containsExactly("UNKNOWN", "SENT");
        assertThat(store().claimUnresolved(10, LONG)).isEmpty();
        assertThat(permit().message().id()).isEqualTo(new MessageId(id.conversation(), 2));
    }

    @Test
    default void a_failure_settles_an_unknown_outcome() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        record(permit, unknown());

        report(permit, "p1", DeliveryStatus.FAILED);

        assertThat(delivery(id)).isEqualTo(Delivery.FAILED);
        assertThat(store().claimUnresolved(10, LONG)).isEmpty();
    }

    @Test
    default void a_report_that_is_faster_than_the_result_is_kept() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();

        report(permit, "p1", DeliveryStatus.DELIVERED);
        assertThat(delivery(id)).isEqualTo(Delivery.DELIVERED);
        record(permit, sent("p1"));

        assertThat(delivery(id)).isEqualTo(Delivery.DELIVERED);
        assertThat(stored(id).providerMessageId()).isEqualTo("p1");
        assertThat(deliveriesTold(id)).containsExactly("DELIVERED");
    }

    @Test
    default void what_a_report_has_settled_no_result_unsettles() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        report(permit, "p1", DeliveryStatus.SENT);

        record(permit, unknown());
        record(permit, again());
        record(permit, dead());

        assertThat(delivery(id)).isEqualTo(Delivery.SENT);
        assertThat(store().expireLeases(10)).isZero();
        assertThat(permits()).isEmpty();
    }

    @Test
    default void a_report_on_an_earlier_attempt_settles_the_message() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit first = permit();
        record(first, unknown());
        record(first, again());
        OutboundPermit second = permit();

        assertThat(report(first, "p1", DeliveryStatus.SENT)).isTrue();
        record(second, again());

        assertThat(delivery(id)).isEqualTo(Delivery.SENT);
        assertThat(permits()).isEmpty();
    }

    @Test
    default void a_failure_of_an_earlier_attempt_says_nothing_of_the_present_one() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit first = permit();
        record(first, unknown());
        record(first, again());
        OutboundPermit second = permit();

        assertThat(report(first, "p1", DeliveryStatus.FAILED)).isTrue();
        record(second, sent("p2"));

        assertThat(delivery(id)).isEqualTo(Delivery.SENT);
    }

    @Test
    default void a_report_binds_the_providers_id_for_the_reports_after_it() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        record(permit, unknown());
        report(permit, "p1", DeliveryStatus.SENT);

        assertThat(report("p1", DeliveryStatus.READ)).isTrue();

        assertThat(delivery(id)).isEqualTo(Delivery.READ);
    }

    @Test
    default void an_attempt_keeps_the_first_name_that_its_provider_gave_it() {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        OutboundPermit permit = permit();
        report(permit, "p1", DeliveryStatus.SENT);

        assertThat(report(permit, "p2", DeliveryStatus.DELIVERED)).isTrue();

        assertThat(delivery(id)).isEqualTo(Delivery.DELIVERED);
        assertThat(stored(id).providerMessageId()).isEqualTo("p1");
        assertThat(report("p2", DeliveryStatus.READ)).isFalse();
        assertThat(report("p1", DeliveryStatus.READ)).isTrue();
    }

    /** A message to a customer of this name, under a provider's id of this name. */
    private MessageId sentTo(String name) {
        MessageId id = message(saying(name, MessageOwner.BOT, "one"), 1);
        record(permit(), sent(name));
        return id;
    }

    private MessageId sentOne(String providerMessageId) {
        MessageId id = message(saying("c1", MessageOwner.BOT, "one"), 1);
        record(permit(), sent(providerMessageId));
        return id;
    }
}
