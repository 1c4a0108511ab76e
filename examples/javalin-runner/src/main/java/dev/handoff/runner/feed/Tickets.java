package dev.handoff.runner.feed;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * One-time tickets for WebSockets, since browsers cannot send a token with those and a token has no place in a URL. They
 * live in this process alone: behind a balancer, ticket and socket must go to the same one.
 *
 * <p>Thread-safe: taking a ticket removes it, so of two who show it one gets in.
 */
final class Tickets {
    static final Duration LIFETIME = Duration.ofSeconds(30);

    private static final int BYTES = 24;

    private record Ticket(String agentId, long issuedAt) {}

    private final LongSupplier nanos;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Ticket> tickets = new ConcurrentHashMap<>();

    /**
     * @param nanos a clock that only rises, like {@link System#nanoTime}
     */
    Tickets(LongSupplier nanos) {
        this.nanos = nanos;
    }

    String issue(String agentId) {
        tickets.values().removeIf(this::isOver);
        byte[] secret = new byte[BYTES];
        random.nextBytes(secret);
        String name = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        tickets.put(name, new Ticket(agentId, nanos.getAsLong()));
        return name;
    }

    /** Whose ticket this is; empty when it is unknown, used or over. */
    Optional<String> take(String name) {
        return Optional.ofNullable(tickets.remove(name))
                .filter(ticket -> !isOver(ticket))
                .map(Ticket::agentId);
    }

    private boolean isOver(Ticket ticket) {
        return nanos.getAsLong() - ticket.issuedAt() > LIFETIME.toNanos();
    }
}
