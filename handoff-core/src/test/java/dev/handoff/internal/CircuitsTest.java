package dev.handoff.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.ConversationAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CircuitsTest {
    private static final ConversationAddress MARIA = new ConversationAddress("acme", "fake", "inbox", "maria");
    private static final ConversationAddress JOAO = new ConversationAddress("acme", "fake", "inbox", "joao");
    private static final ConversationAddress ELSEWHERE = new ConversationAddress("acme", "fake", "other", "maria");

    private final Circuits circuits = new Circuits();

    @Test
    void failures_in_a_row_that_go_on_for_a_while_hold_back_everybody_of_that_inbox_and_nobody_else() {
        failEachSecond(6);

        assertThat(circuits.isOpen(JOAO)).isTrue();
        assertThat(circuits.reserve(JOAO, seconds(6))).isEqualTo(seconds(4));
        assertThat(circuits.isOpen(ELSEWHERE)).isFalse();
        assertThat(circuits.reserve(ELSEWHERE, seconds(6))).isZero();
    }

    @Test
    void a_burst_of_failures_at_one_moment_is_no_outage() {
        for (int i = 0; i < 100; i++) {
            circuits.failed(MARIA, 0);
        }

        assertThat(circuits.isOpen(MARIA)).isFalse();
    }

    @Test
    void one_tries_at_a_time_and_ever_more_rarely_up_to_a_minute() {
        failEachSecond(6);
        long now = seconds(5);
        long[] pauses = {5, 5, 10, 20, 40, 60, 60};

        for (long pause : pauses) {
            assertThat(circuits.reserve(MARIA, now)).isEqualTo(seconds(pause));
            now += seconds(pause);
            assertThat(circuits.reserve(MARIA, now)).isZero();
            circuits.failed(MARIA, now);
        }
    }

    @Test
    void the_first_answer_closes_it() {
        failEachSecond(6);
        circuits.answered(JOAO);

        assertThat(circuits.isOpen(MARIA)).isFalse();
        assertThat(circuits.reserve(MARIA, seconds(6))).isZero();
    }

    private void failEachSecond(int times) {
        for (int i = 0; i < times; i++) {
            circuits.failed(MARIA, seconds(i));
        }
    }

    private static long seconds(long number) {
        return TimeUnit.SECONDS.toNanos(number);
    }
}
