package dev.handoff.webchat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PaceTest {
    private final AtomicLong now = new AtomicLong();
    private final Pace pace = new Pace(10, 2, now::get);

    @Test
    void so_many_may_come_at_once_and_then_so_many_a_second() {
        assertThat(allowedOf(50)).isEqualTo(10);

        now.addAndGet(Duration.ofSeconds(3).toNanos());

        assertThat(allowedOf(50)).isEqualTo(6);
    }

    @Test
    void an_hour_of_silence_saves_up_no_more_than_the_first_burst() {
        allowedOf(50);
        now.addAndGet(Duration.ofHours(1).toNanos());

        assertThat(allowedOf(50)).isEqualTo(10);
    }

    private long allowedOf(int tries) {
        return IntStream.range(0, tries).filter(i -> pace.allows()).count();
    }
}
