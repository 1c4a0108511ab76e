package dev.handoff.runner.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TicketsTest {
    private final AtomicLong nanos = new AtomicLong();
    private final Tickets tickets = new Tickets(nanos::get);

    @Test
    void a_ticket_is_good_once() {
        String ticket = tickets.issue("ana");

        assertThat(tickets.take(ticket)).contains("ana");
        assertThat(tickets.take(ticket)).isEmpty();
    }

    @Test
    void a_ticket_is_good_for_thirty_seconds() {
        String early = tickets.issue("ana");
        String late = tickets.issue("ana");

        nanos.addAndGet(Duration.ofSeconds(30).toNanos());
        assertThat(tickets.take(early)).contains("ana");
        nanos.addAndGet(1);
        assertThat(tickets.take(late)).isEmpty();
    }

    @Test
    void no_two_tickets_are_alike() {
        assertThat(tickets.issue("ana")).isNotEqualTo(tickets.issue("ana"));
    }
}
