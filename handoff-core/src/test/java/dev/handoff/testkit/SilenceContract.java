package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.sent;
import static dev.handoff.testkit.StoreUnderTest.unknown;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.SilentMessage;
import dev.handoff.model.Conversation;
import dev.handoff.model.MessageOwner;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages that were sent, and of which no report has come. */
interface SilenceContract extends StoreUnderTest {

    @Test
    default void what_was_sent_and_never_reported_is_asked_about_three_times_ever_more_rarely() {
        Conversation conversation = saying("c1", MessageOwner.AGENT, "one");
        record(permit(), sent("p1"));
        assertThat(store().claimSilent(10, LONG)).isEmpty();
        SilentMessage expected = new SilentMessage(message(conversation, 1), conversation.address(), "p1");

        for (int times = 1; times <= 4; times *= 2) {
            letPass(SHORT.multipliedBy(times).plusMillis(1));
            assertThat(store().claimSilent(10, SHORT)).containsExactly(expected);
        }

        letPass(SHORT.multipliedBy(4));
        assertThat(store().claimSilent(10, SHORT)).isEmpty();
    }

    @Test
    default void the_second_time_is_twice_as_late() {
        saying("c1", MessageOwner.AGENT, "one");
        record(permit(), sent("p1"));
        letTheShortPass();
        assertThat(store().claimSilent(10, SHORT)).hasSize(1);

        assertThat(store().claimSilent(10, LONG)).isEmpty();
    }

    @Test
    default void what_was_delivered_or_failed_or_is_not_sent_is_not_asked_about() {
        for (DeliveryStatus status : List.of(DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.FAILED)) {
            saying("c" + status, MessageOwner.AGENT, "one");
            record(permit(), sent("p" + status));
            report("p" + status, status);
        }
        saying("unknown", MessageOwner.AGENT, "one");
        record(permit(), unknown());
        saying("queued", MessageOwner.AGENT, "one");
        letTheShortPass();

        assertThat(store().claimSilent(10, SHORT)).isEmpty();
    }

    @Test
    default void no_more_are_claimed_than_were_asked_for() {
        for (int i = 0; i < 3; i++) {
            saying("c" + i, MessageOwner.AGENT, "one");
            record(permit(), sent("p" + i));
        }
        letTheShortPass();

        assertThat(store().claimSilent(2, SHORT)).hasSize(2);
    }
}
