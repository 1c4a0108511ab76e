package dev.handoff.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private final AtomicLong nanos = new AtomicLong();
    private final RateLimit limit = new RateLimit(10, nanos::get);

    @Test
    void one_second_of_requests_may_come_at_once_and_no_more() {
        assertThat(grantedOf(30, "ana")).isEqualTo(10);
    }

    @Test
    void what_time_gives_back_may_be_used_again_even_by_one_who_never_stopped_trying() {
        grantedOf(30, "ana");
        nanos.addAndGet(Duration.ofMillis(500).toNanos());

        assertThat(grantedOf(30, "ana")).isEqualTo(5);
    }

    @Test
    void callers_do_not_share() {
        grantedOf(30, "ana");

        assertThat(grantedOf(30, "bia")).isEqualTo(10);
    }

    private int grantedOf(int requests, String caller) {
        int granted = 0;
        for (int i = 0; i < requests; i++) {
            granted += limit.allows(caller) ? 1 : 0;
        }
        return granted;
    }
}
