package dev.handoff.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.IntSummaryStatistics;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How long what has failed waits, and what ids say. */
class BackoffTest {
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
}
