package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.dead;
import static dev.handoff.testkit.StoreUnderTest.sent;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.ConversationAddress;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.Backlog;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.SenderContact;
import dev.handoff.store.SenderContact.Kind;
import dev.handoff.store.SenderHealth;
import dev.handoff.store.SenderId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What all workers share of a sender: its pace, its rest, its turn. */
interface SenderContract extends StoreUnderTest {
    SenderId SENDER = SenderId.of(StoreUnderTest.address(TENANT, "anybody"));

    @Test
    default void permits_say_when_the_pace_allows_each_to_begin() {
        for (int i = 0; i < 9; i++) {
            saying("c" + i, MessageOwner.BOT, "one");
        }

        List<OutboundPermit> permits = store().claimPermits(paced(Duration.ofMillis(100), Duration.ZERO));

        assertThat(permits).extracting(OutboundPermit::beginIn).hasSize(3).isSorted();
        assertThat(permits.get(0).beginIn()).isBetween(Duration.ZERO, Duration.ofMillis(1));
        assertThat(permits.get(2).beginIn().minus(permits.get(1).beginIn())).isEqualTo(Duration.ofMillis(100));
        assertThat(permits)
                .extracting(permit -> permit.message().attemptedAt())
                .as("an attempt counts from when it may begin")
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    default void whoever_comes_next_goes_on_where_the_last_one_stopped() {
        for (int i = 0; i < 9; i++) {
            saying("c" + i, MessageOwner.BOT, "one");
        }
        assertThat(store().claimPermits(paced(LONG, Duration.ZERO))).hasSize(1);

        assertThat(store().claimPermits(paced(LONG, Duration.ZERO))).isEmpty();
    }

    @Test
    default void senders_have_a_pace_each() {
        saying("c1", MessageOwner.BOT, "one");
        said(TENANT, "inbox:2", "c1", MessageOwner.BOT);
        said(OTHER_TENANT, "inbox:1", "c1", MessageOwner.BOT);

        assertThat(store().claimPermits(paced(LONG, Duration.ZERO))).hasSize(3);
    }

    @Test
    default void a_customer_is_written_to_again_after_a_while_and_others_meanwhile() {
        saying("c1", MessageOwner.BOT, "one", "two");
        record(permit(), sent("p1"));
        saying("c2", MessageOwner.BOT, "one");

        assertThat(store().claimPermits(paced(Duration.ZERO, LONG)))
                .extracting(permit -> permit.message().address().customer())
                .containsExactly("c2");
        List<OutboundPermit> soon = store().claimPermits(paced(Duration.ZERO, Duration.ofMillis(200)));
        assertThat(soon).hasSize(1);
        assertThat(soon.get(0).beginIn()).isBetween(Duration.ZERO, Duration.ofMillis(200));
    }

    @Test
    default void a_customer_who_may_not_be_written_to_yet_takes_nobodys_place() {
        saying("c1", MessageOwner.BOT, "one", "two");
        record(permit(), sent("p1"));
        saying("c2", MessageOwner.BOT, "one");

        List<OutboundPermit> permits =
                store().claimPermits(new PermitRequest(1, 1, Map.of(), Duration.ZERO, LONG, LONG));

        assertThat(permits)
                .extracting(permit -> permit.message().address().customer())
                .containsExactly("c2");
    }

    @Test
    default void what_people_and_the_library_say_goes_before_what_bots_say_in_other_conversations() {
        saying("bots", MessageOwner.BOT, "one");
        letTheShortPass();
        saying("library's", MessageOwner.SYSTEM, "one");
        letTheShortPass();
        saying("agent's", MessageOwner.AGENT, "one");

        List<String> inTurn = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            inTurn.add(permits(1).get(0).message().address().customer());
        }

        assertThat(inTurn.subList(0, 2)).containsExactlyInAnyOrder("library's", "agent's");
        assertThat(inTurn.get(2)).isEqualTo("bots");
    }

    @Test
    default void I4_what_a_bot_said_before_goes_before_what_an_agent_says_in_the_same_conversation() {
        commit(opening("c1").says(MessageOwner.BOT, "one").says(MessageOwner.AGENT, "two"));

        assertThat(permit().message().owner()).isEqualTo(MessageOwner.BOT);
    }

    @Test
    default void the_sender_that_was_served_longest_ago_is_served_first() {
        for (int i = 0; i < 3; i++) {
            said(TENANT, "inbox:a", "c" + i, MessageOwner.BOT);
            said(TENANT, "inbox:b", "c" + i, MessageOwner.BOT);
            said(OTHER_TENANT, "inbox:a", "c" + i, MessageOwner.BOT);
        }
        List<SenderId> served = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            served.add(SenderId.of(permits(1).get(0).message().address()));
            letTheShortPass();
        }

        assertThat(served.subList(0, 3)).doesNotHaveDuplicates();
        assertThat(served.subList(3, 6)).isEqualTo(served.subList(0, 3));
        assertThat(served.subList(6, 9)).isEqualTo(served.subList(0, 3));
    }

    @Test
    default void a_sender_whose_sends_all_run_leaves_the_others_their_permits() {
        for (int i = 0; i < 5; i++) {
            saying("c" + i, MessageOwner.BOT, "one");
        }
        said(TENANT, "inbox:2", "c1", MessageOwner.BOT);

        List<OutboundPermit> permits =
                store().claimPermits(new PermitRequest(100, 4, Map.of(SENDER, 3), Duration.ZERO, Duration.ZERO, LONG));

        assertThat(permits)
                .extracting(permit -> permit.message().address().inbox())
                .containsExactlyInAnyOrder("inbox:1", "inbox:2");
    }

    @Test
    default void a_sender_that_was_slowed_rests_on_every_node() {
        saying("c1", MessageOwner.BOT, "one");
        said(TENANT, "inbox:2", "c2", MessageOwner.BOT);
        tells(Kind.SLOWED);

        assertThat(permit().message().address().inbox()).isEqualTo("inbox:2");
    }

    @Test
    default void a_sender_that_fails_is_in_trouble_until_it_is_answered() {
        saying("c1", MessageOwner.BOT, "one");
        assertThat(permit().health()).isEqualTo(SenderHealth.WELL);
        tells(Kind.FAILED, Kind.FAILED);
        saying("c2", MessageOwner.BOT, "one");
        assertThat(permit().health()).isEqualTo(SenderHealth.TROUBLED);
        tells(Kind.ANSWERED);
        saying("c3", MessageOwner.BOT, "one");

        assertThat(permit().health()).isEqualTo(SenderHealth.WELL);
    }

    @Test
    default void what_was_learnt_of_a_sender_that_has_never_sent_is_kept() {
        saying("c1", MessageOwner.BOT, "one");

        tells(Kind.SLOWED);

        assertThat(permits()).isEmpty();
    }

    @Test
    default void what_waits_is_counted_by_sender_the_longest_first() {
        said(TENANT, "inbox:2", "c1", MessageOwner.BOT);
        saying("c1", MessageOwner.BOT, "one", "two");
        saying("c2", MessageOwner.BOT, "three");
        assertThat(store().backlogs())
                .containsExactly(new Backlog(SENDER, 3), new Backlog(new SenderId(TENANT, "fake", "inbox:2"), 1));

        List<OutboundPermit> given = permits();

        assertThat(given).hasSize(3);
        assertThat(store().backlogs()).as("what is being sent does not wait").containsExactly(new Backlog(SENDER, 1));
    }

    @Test
    default void an_inbox_may_have_an_address_of_any_length() {
        String inbox = "inbox:" + "x".repeat(10_000);
        said(TENANT, inbox, "c1", MessageOwner.BOT);
        store().recordContacts(List.of(new SenderContact(new SenderId(TENANT, "fake", inbox), Kind.ANSWERED)));

        OutboundPermit permit = permit();

        assertThat(permit.message().address().inbox()).isEqualTo(inbox);
        record(permit, dead());
    }

    private void tells(Kind... kinds) {
        for (Kind kind : kinds) {
            store().recordContacts(List.of(new SenderContact(SENDER, kind)));
        }
    }

    private PermitRequest paced(Duration perSender, Duration perRecipient) {
        return new PermitRequest(100, 100, Map.of(), perSender, perRecipient, LONG);
    }

    private void said(String tenant, String inbox, String customer, MessageOwner owner) {
        commit(Draft.opening(new ConversationAddress(tenant, "fake", inbox, customer), now())
                .says(owner, "one"));
    }
}
