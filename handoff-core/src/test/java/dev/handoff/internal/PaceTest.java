package dev.handoff.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.ConversationAddress;
import java.time.Duration;
import java.util.IntSummaryStatistics;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How fast sends may follow each other, and how long a failed one waits. */
class PaceTest {
    private static final long MS = 1_000_000;
    private static final ConversationAddress MARIA = to("maria");
    private static final ConversationAddress JOAO = to("joão");

    private final Pace pace = new Pace(100, 10);

    @Test
    void the_first_send_begins_at_once_and_the_next_to_the_same_customer_in_its_time() {
        assertThat(pace.reserve(MARIA, 0)).isZero();
        assertThat(pace.reserve(MARIA, 0)).isEqualTo(100 * MS);
        assertThat(pace.reserve(MARIA, 50 * MS)).isEqualTo(150 * MS);
        assertThat(pace.reserve(MARIA, 1000 * MS)).isZero();
    }

    @Test
    void a_senders_customers_share_its_pace() {
        assertThat(pace.reserve(to("a"), 0)).isZero();
        assertThat(pace.reserve(to("b"), 0)).isEqualTo(10 * MS);
        assertThat(pace.reserve(to("c"), 0)).isEqualTo(20 * MS);
    }

    @Test
    void a_customer_who_must_wait_does_not_hold_up_the_others() {
        for (int i = 0; i < 5; i++) {
            pace.reserve(MARIA, 0);
        }
        assertThat(pace.reserve(JOAO, 0))
                .as("five places of the sender's are taken, not half a second")
                .isEqualTo(50 * MS);
    }

    @Test
    void other_senders_and_channels_have_their_own_pace() {
        pace.reserve(MARIA, 0);
        assertThat(pace.reserve(new ConversationAddress("acme", "fake", "other inbox", "zoe"), 0))
                .isZero();
        assertThat(pace.reserve(new ConversationAddress("acme", "sms", "inbox", "zoe"), 0))
                .isZero();
    }

    @Test
    void what_is_given_back_is_free_again() {
        pace.reserve(MARIA, 0);
        pace.reserve(MARIA, 0);
        pace.giveBack(MARIA);
        assertThat(pace.reserve(MARIA, 0)).isEqualTo(100 * MS);
    }

    @Test
    void a_slowed_sender_begins_again_after_two_seconds() {
        pace.slow(MARIA, 0);
        assertThat(pace.reserve(JOAO, 0)).isEqualTo(2000 * MS);
        assertThat(pace.reserve(JOAO, 5000 * MS)).isZero();
    }

    @Test
    void whoever_may_be_written_to_again_is_forgotten() {
        for (int second = 0; second < 1_000; second++) {
            pace.reserve(to("customer " + second), second * 1000 * MS);
        }
        assertThat(pace.remembered()).as("the sender, and the last customer").isEqualTo(2);
    }

    @Test
    void a_clock_that_shows_negative_numbers_is_a_clock() {
        assertThat(pace.reserve(MARIA, -5000 * MS)).isZero();
        assertThat(pace.reserve(MARIA, -5000 * MS)).isEqualTo(100 * MS);
    }

    @Test
    void back_off_is_anything_up_to_a_base_that_doubles_and_stops_at_its_cap() {
        Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), new Random(20_300_115));

        assertThat(longest(backoff, 1)).isBetween(90, 100);
        assertThat(longest(backoff, 2)).isBetween(180, 200);
        assertThat(longest(backoff, 3)).isBetween(360, 400);
        assertThat(longest(backoff, 6)).isBetween(1_900, 2_000);
        assertThat(longest(backoff, 1_000_000)).isBetween(1_900, 2_000);
    }

    @Test
    void ids_rise_with_time_and_say_which_version_they_are() {
        Ids ids = new Ids(new Random(1));
        var early = ids.next(java.time.Instant.parse("2030-01-15T12:00:00Z"));
        var late = ids.next(java.time.Instant.parse("2030-01-15T12:00:01Z"));

        assertThat(early.toString()).isLessThan(late.toString());
        assertThat(early.version()).isEqualTo(7);
        assertThat(ids.random().version()).isEqualTo(4);
        assertThat(ids.random().variant()).isEqualTo(2);
    }

    private static int longest(Backoff backoff, int attempt) {
        IntSummaryStatistics waits = IntStream.range(0, 1_000)
                .map(i -> (int) backoff.after(attempt).toMillis())
                .summaryStatistics();
        assertThat(waits.getMin()).isNotNegative();
        return waits.getMax();
    }

    private static ConversationAddress to(String customer) {
        return new ConversationAddress("acme", "fake", "inbox", customer);
    }
}
