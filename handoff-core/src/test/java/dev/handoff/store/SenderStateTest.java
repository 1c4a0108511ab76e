package dev.handoff.store;

import static dev.handoff.store.SenderContact.Kind.ANSWERED;
import static dev.handoff.store.SenderContact.Kind.FAILED;
import static dev.handoff.store.SenderContact.Kind.REFUSED;
import static dev.handoff.store.SenderContact.Kind.SLOWED;
import static dev.handoff.store.SenderHealth.TROUBLED;
import static dev.handoff.store.SenderHealth.UNREACHABLE;
import static dev.handoff.store.SenderHealth.WELL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.store.SenderState.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How fast a sender may send, and when it rests. */
class SenderStateTest {
    private static final Instant NOW = Instant.parse("2030-01-15T12:00:00Z");
    private static final Duration TEN_A_SECOND = Duration.ofMillis(100);
    private static final int MANY = 1_000;

    @Test
    void a_new_sender_may_send_at_once_what_fits_into_the_time_ahead() {
        assertThat(SenderState.NEW.turn(NOW, TEN_A_SECOND, MANY)).isEqualTo(new Turn(3, NOW, TEN_A_SECOND));
        assertThat(SenderState.NEW.turn(NOW, TEN_A_SECOND, 2).room()).isEqualTo(2);
        assertThat(SenderState.NEW.turn(NOW, TEN_A_SECOND, 0).room()).isZero();
    }

    @Test
    void the_next_send_begins_an_interval_after_the_last_one() {
        SenderState used = SenderState.NEW.gave(NOW, NOW, TEN_A_SECOND);

        assertThat(used.turn(NOW, TEN_A_SECOND, MANY)).isEqualTo(new Turn(2, NOW.plusMillis(100), TEN_A_SECOND));
    }

    @Test
    void a_sender_whose_next_moment_is_far_ahead_waits_until_several_may_be_sent() {
        SenderState used = SenderState.NEW.gave(NOW, NOW.plusMillis(200), TEN_A_SECOND);

        assertThat(used.turn(NOW, TEN_A_SECOND, MANY).room()).isZero();
        assertThat(used.turn(NOW.plusMillis(175), TEN_A_SECOND, MANY))
                .isEqualTo(new Turn(2, NOW.plusMillis(300), TEN_A_SECOND));
    }

    @Test
    void time_that_was_not_used_is_not_saved_up() {
        SenderState used = SenderState.NEW.gave(NOW, NOW, TEN_A_SECOND);

        assertThat(used.turn(NOW.plusSeconds(60), TEN_A_SECOND, MANY))
                .isEqualTo(new Turn(3, NOW.plusSeconds(60), TEN_A_SECOND));
    }

    @Test
    void a_pace_slower_than_the_time_ahead_sends_one_at_a_time() {
        Duration slow = Duration.ofSeconds(10);
        SenderState used = SenderState.NEW.gave(NOW, NOW, slow);

        assertThat(SenderState.NEW.turn(NOW, slow, MANY).room()).isEqualTo(1);
        assertThat(used.turn(NOW.plusSeconds(9), slow, MANY).room()).isZero();
        assertThat(used.turn(NOW.plusSeconds(10), slow, MANY).room()).isEqualTo(1);
    }

    @Test
    void no_pace_leaves_room_for_all() {
        assertThat(SenderState.NEW.turn(NOW, Duration.ZERO, MANY)).isEqualTo(new Turn(MANY, NOW, Duration.ZERO));
    }

    @Test
    void a_clock_that_was_set_back_by_a_day_holds_nobody_up_for_a_day() {
        Instant yesterday = NOW.minus(Duration.ofDays(1));
        SenderState used = SenderState.NEW.gave(NOW, NOW, TEN_A_SECOND);

        for (SenderState state : List.of(used, used.after(SLOWED, NOW), open().after(ANSWERED, NOW))) {
            assertThat(state.turn(yesterday, TEN_A_SECOND, MANY)).isEqualTo(new Turn(3, yesterday, TEN_A_SECOND));
        }
        assertThat(open().turn(yesterday, TEN_A_SECOND, MANY).room()).isEqualTo(1);
        assertThat(SenderState.NEW
                        .gave(NOW, NOW, TEN_A_SECOND)
                        .after(FAILED, NOW)
                        .after(FAILED, yesterday)
                        .failingSince())
                .isEqualTo(yesterday);
    }

    @Test
    void a_slowed_sender_begins_again_after_two_seconds() {
        SenderState slowed = SenderState.NEW.after(SLOWED, NOW);

        assertThat(slowed.health()).isEqualTo(WELL);
        assertThat(slowed.turn(NOW.plusMillis(1_999), TEN_A_SECOND, MANY).room())
                .isZero();
        assertThat(slowed.turn(NOW.plusSeconds(2), TEN_A_SECOND, MANY).room()).isEqualTo(3);
    }

    @Test
    void failures_in_a_row_that_go_on_for_a_while_open_the_circuit() {
        SenderState failing = SenderState.NEW;
        for (int second = 0; second < 5; second++) {
            failing = failing.after(FAILED, NOW.plusSeconds(second));
            assertThat(failing.health()).isEqualTo(TROUBLED);
        }

        assertThat(failing.after(FAILED, NOW.plusSeconds(5)).health()).isEqualTo(UNREACHABLE);
        assertThat(failing.after(ANSWERED, NOW.plusSeconds(5)).health()).isEqualTo(WELL);
    }

    @Test
    void a_burst_of_failures_at_one_moment_is_no_outage_and_neither_are_few_over_a_long_time() {
        SenderState burst = SenderState.NEW;
        for (int i = 0; i < 100; i++) {
            burst = burst.after(FAILED, NOW);
        }
        SenderState few = SenderState.NEW;
        for (int i = 0; i < 4; i++) {
            few = few.after(FAILED, NOW.plus(Duration.ofHours(i)));
        }

        assertThat(List.of(burst.health(), few.health())).containsOnly(TROUBLED);
    }

    @Test
    void while_the_circuit_is_open_one_tries_at_a_time_and_ever_more_rarely_up_to_a_minute() {
        SenderState open = open();
        Instant now = NOW.plusSeconds(5);

        for (int pause : new int[] {5, 5, 10, 20, 40, 60, 60}) {
            assertThat(open.turn(now.plusSeconds(pause).minusMillis(1), TEN_A_SECOND, MANY)
                            .room())
                    .isZero();
            now = now.plusSeconds(pause);
            assertThat(open.turn(now, TEN_A_SECOND, MANY).room()).isEqualTo(1);
            open = open.gave(now, now, TEN_A_SECOND).after(FAILED, now);
        }
    }

    @Test
    void the_first_answer_closes_the_circuit() {
        Instant now = NOW.plusSeconds(10);
        SenderState trying = open().gave(now, now, TEN_A_SECOND);

        SenderState closed = trying.after(ANSWERED, now.plusMillis(300));

        assertThat(closed.health()).isEqualTo(WELL);
        assertThat(closed.turn(now.plusMillis(300), TEN_A_SECOND, MANY).room()).isEqualTo(3);
    }

    @Test
    void a_sender_that_is_refused_as_a_whole_rests_for_a_moment_and_the_second_time_its_circuit_opens() {
        SenderState once = SenderState.NEW.after(REFUSED, NOW);
        assertThat(once.health()).isEqualTo(TROUBLED);
        assertThat(once.turn(NOW.plusMillis(999), TEN_A_SECOND, MANY).room()).isZero();
        assertThat(once.turn(NOW.plusSeconds(1), TEN_A_SECOND, MANY).room()).isEqualTo(3);

        SenderState twice = once.after(REFUSED, NOW.plusMillis(10));

        assertThat(twice.health()).isEqualTo(UNREACHABLE);
        assertThat(twice.turn(NOW.plusSeconds(5), TEN_A_SECOND, MANY).room()).isZero();
        assertThat(twice.turn(NOW.plusMillis(5_010), TEN_A_SECOND, MANY).room()).isEqualTo(1);
        assertThat(once.after(ANSWERED, NOW).after(REFUSED, NOW).health()).isEqualTo(TROUBLED);
    }

    @Test
    void each_message_begins_an_interval_after_the_one_before_and_not_before_its_customer_may_be_written_to() {
        Turn turn = new Turn(9, NOW, TEN_A_SECOND);

        assertThat(turn.begins(List.of(NOW, NOW, NOW.plusMillis(500), NOW.plusMillis(510))))
                .containsExactly(NOW, NOW.plusMillis(100), NOW.plusMillis(500), NOW.plusMillis(600));
    }

    private static SenderState open() {
        SenderState state = SenderState.NEW;
        for (int second = 0; second <= 5; second++) {
            state = state.after(FAILED, NOW.plusSeconds(second));
        }
        return state;
    }
}
