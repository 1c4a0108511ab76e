package dev.handoff.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ManualTimeTest {
    private final ManualTime time = new ManualTime();

    @Test
    void it_stands_still_until_it_is_advanced() {
        assertThat(time.instant()).isEqualTo(ManualTime.START);

        time.advance(Duration.ofMinutes(11));

        assertThat(time.instant()).isEqualTo(ManualTime.START.plus(Duration.ofMinutes(11)));
    }

    @Test
    void it_does_not_run_backwards() {
        assertThatThrownBy(() -> time.advance(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class);
    }
}
