package dev.handoff.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Conversation;
import dev.handoff.store.BotLease;
import dev.handoff.store.BotWork;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Whose turn it is for the bot to answer: a condition with a lease, not a queue. */
interface BotTurnContract extends StoreUnderTest {

    @Test
    default void a_turn_is_claimed_where_the_bot_owes_an_answer() {
        Conversation conversation = commit(opening("c1").hears("hello"));

        BotWork work = claimed();

        assertThat(work.conversation()).isEqualTo(conversation);
        assertThat(work.attempt()).isEqualTo(1);
        assertThat(work.token()).isNotNull();
    }

    @Test
    default void a_claim_does_not_raise_the_version() {
        Conversation conversation = commit(opening("c1").hears("hello"));

        claimed();

        assertThat(store().conversation(conversation.id())).contains(conversation);
    }

    @Test
    default void no_turn_is_claimed_where_nothing_is_owed_or_the_bot_is_not_in_control() {
        commit(opening("silent"));
        commit(opening("answered").hears("hello").answered());
        commit(opening("taken").hears("hello").taken(new Agent(TENANT, "ana", AgentRole.AGENT, 5)));
        commit(opening("waiting").hears("hello").waits("default", 0, now()));
        commit(opening("closed").hears("hello").closed());

        assertThat(claims(LONG)).isEmpty();
    }

    @Test
    default void a_turn_is_claimed_by_one() {
        commit(opening("c1").hears("hello"));
        claimed();

        assertThat(claims(LONG)).isEmpty();
    }

    @Test
    default void a_burst_is_one_turn() {
        Conversation conversation = commit(opening("c1").hears("hello"));
        claimed();
        commit(change(conversation).hears("are you there?"));

        assertThat(claims(LONG)).isEmpty();
    }

    @Test
    default void a_claim_whose_lease_ran_out_is_claimed_again_and_counted() {
        commit(opening("c1").hears("hello"));
        BotWork first = claims(SHORT).get(0);
        letTheShortPass();

        BotWork second = claimed();

        assertThat(second.attempt()).isEqualTo(2);
        assertThat(second.token()).isNotEqualTo(first.token());
    }

    @Test
    default void those_that_waited_longest_come_first_and_no_more_than_were_asked_for() {
        Conversation first = commit(opening("c1").hears("hello"));
        letTheShortPass();
        Conversation second = commit(opening("c2").hears("hello"));
        letTheShortPass();
        Conversation third = commit(opening("c3").hears("hello"));

        assertThat(store().claimBotTurns(2, LONG))
                .extracting(BotWork::conversation)
                .containsExactly(first, second);
        assertThat(store().claimBotTurns(2, LONG))
                .extracting(BotWork::conversation)
                .containsExactly(third);
    }

    @Test
    default void a_claim_that_is_renewed_stays_alive() {
        commit(opening("c1").hears("hello"));
        Duration lease = Duration.ofSeconds(1);
        Instant over;
        do {
            over = store().now().plus(lease);
            store().renewBotTurns(claims(lease), LONG);
            // A machine that paused has let the claim run out: once more.
        } while (!store().now().isBefore(over));
        letPass(Duration.ofMillis(1001));

        assertThat(claims(LONG)).isEmpty();
    }

    @Test
    default void a_claim_that_is_over_is_not_revived() {
        commit(opening("c1").hears("hello"));
        List<BotWork> work = claims(SHORT);
        letTheShortPass();

        store().renewBotTurns(work, LONG);

        assertThat(claims(LONG)).hasSize(1);
    }

    @Test
    default void renewing_a_claim_that_is_over_does_not_prolong_the_one_after_it() {
        commit(opening("c1").hears("hello"));
        List<BotWork> first = claims(SHORT);
        letTheShortPass();
        assertThat(claims(SHORT)).hasSize(1);

        store().renewBotTurns(first, LONG);
        store().renewBotTurns(List.of(), LONG);
        letTheShortPass();

        assertThat(claimed().attempt()).isEqualTo(3);
    }

    @Test
    default void an_answer_ends_the_claim_and_the_next_turn_is_counted_anew() {
        Conversation conversation = commit(opening("c1").hears("hello"));
        claims(SHORT);
        letTheShortPass();
        BotWork second = claimed();

        Conversation answered = commit(change(conversation).answered().with(new BotLease.End(second.token())));
        assertThat(claims(LONG)).isEmpty();
        commit(change(answered).hears("and another thing"));

        assertThat(claimed().attempt()).isEqualTo(1);
    }

    @Test
    default void a_claim_that_ends_while_more_has_come_is_followed_by_the_next_turn_at_once() {
        Conversation conversation = commit(opening("c1").hears("hello"));
        BotWork work = claimed();
        Conversation more = commit(change(conversation).hears("more"));

        Conversation still = commit(change(more).with(new BotLease.End(work.token())));

        BotWork next = claimed();
        assertThat(next.conversation()).isEqualTo(still);
        assertThat(next.attempt()).isEqualTo(1);
    }

    @Test
    default void only_the_present_claim_can_be_ended() {
        Conversation conversation = commit(opening("c1").hears("hello"));
        claimed();

        Conversation next = commit(change(conversation).with(new BotLease.End(UUID.randomUUID())));
        commit(change(next).with(new BotLease.RetryAfter(UUID.randomUUID(), Duration.ZERO)));

        assertThat(claims(LONG)).isEmpty();
    }

    @Test
    default void a_commit_that_keeps_the_claim_leaves_it_alone() {
        Conversation conversation = commit(opening("c1").hears("hello"));
        claimed();

        commit(change(conversation).with(new BotLease.Keep()).notes("a note"));

        assertThat(claims(LONG)).isEmpty();
    }

    @Test
    default void a_failed_turn_is_claimed_again_after_its_delay_and_counted() {
        Conversation conversation = commit(opening("c1").hears("hello"));
        BotWork work = claimed();
        commit(change(conversation).with(new BotLease.RetryAfter(work.token(), SHORT)));
        letTheShortPass();

        BotWork next = claimed();

        assertThat(next.attempt()).isEqualTo(2);
        assertThat(next.token()).isNotEqualTo(work.token());
    }

    @Test
    default void a_failed_turn_is_not_claimed_before_its_delay_is_over() {
        Conversation conversation = commit(opening("c1").hears("hello"));
        BotWork work = claimed();

        commit(change(conversation).with(new BotLease.RetryAfter(work.token(), LONG)));

        assertThat(claims(LONG)).isEmpty();
    }

    @Test
    default void a_change_of_control_ends_the_claim_and_counts_anew() {
        Conversation conversation = commit(opening("c1").hears("hello"));
        claimed();
        Conversation taken = commit(change(conversation).taken(new Agent(TENANT, "ana", AgentRole.AGENT, 5)));
        Conversation released = commit(change(taken).released());
        assertThat(claims(LONG)).isEmpty();

        Conversation asked = commit(change(released).hears("hello again"));

        BotWork work = claimed();
        assertThat(work.conversation()).isEqualTo(asked);
        assertThat(work.attempt()).isEqualTo(1);
    }

    private List<BotWork> claims(Duration lease) {
        return store().claimBotTurns(10, lease);
    }

    private BotWork claimed() {
        List<BotWork> work = claims(LONG);
        assertThat(work).hasSize(1);
        return work.get(0);
    }
}
