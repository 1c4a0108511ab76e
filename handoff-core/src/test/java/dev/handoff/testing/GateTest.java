package dev.handoff.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GateTest {
    private final Gate gate = new Gate();

    @Test
    void it_says_when_too_few_have_come() {
        assertThatThrownBy(() -> gate.awaitHeld(1, Duration.ofMillis(5)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("0 of 1");
    }

    @Test
    void once_open_it_holds_nobody() throws Exception {
        gate.open();

        gate.pass();
    }

    @Test
    void an_interrupt_ends_the_wait() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Thread held = new Thread(() -> {
            try {
                gate.pass();
            } catch (InterruptedException expected) {
                interrupted.countDown();
            }
        });
        held.start();
        gate.awaitHeld();

        held.interrupt();

        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        held.join();
    }
}
