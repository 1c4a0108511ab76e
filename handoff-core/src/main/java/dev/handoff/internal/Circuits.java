package dev.handoff.internal;

import dev.handoff.model.ConversationAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Whether the provider can be reached from an inbox, as this process has seen it. When sends fail one after the other, for
 * reasons that say nothing of a message, and go on doing so for a while, the circuit opens: then one message tries at a
 * time, ever more rarely, and a send that certainly came to nothing counts as nobody's attempt. So an outage costs each
 * message time, and only its time budget ends it. What was perhaps sent counts as ever: a provider that takes messages and
 * loses its answers must not be asked for ever more copies. The first answer that is about a message closes the circuit.
 * One lock, held for a few map operations.
 */
final class Circuits {
    private static final int FAILURES_IN_A_ROW = 5;
    private static final long FOR_AT_LEAST = Duration.ofSeconds(5).toNanos();
    private static final long FIRST_PAUSE = Duration.ofSeconds(5).toNanos();
    private static final int LONGEST_PAUSE_IN_FIRST_ONES = 12;

    private final Map<Inbox, Trouble> troubled = new HashMap<>();

    private record Inbox(String channel, String address) {
        static Inbox of(ConversationAddress address) {
            return new Inbox(address.channel(), address.inbox());
        }
    }

    private static final class Trouble {
        final long since;
        int failures;
        boolean open;
        int pause = 1;
        long nextTryAt;

        Trouble(long since) {
            this.since = since;
        }
    }

    /** How long a send must wait, in nanoseconds: 0 to begin now. While the circuit is open, one gets 0 at a time. */
    synchronized long reserve(ConversationAddress address, long now) {
        Trouble trouble = troubled.get(Inbox.of(address));
        if (trouble == null || !trouble.open) {
            return 0;
        }
        long wait = trouble.nextTryAt - now;
        if (wait > 0) {
            return wait;
        }
        trouble.nextTryAt = now + trouble.pause * FIRST_PAUSE;
        trouble.pause = Math.min(LONGEST_PAUSE_IN_FIRST_ONES, trouble.pause * 2);
        return 0;
    }

    /** A send failed, and not for what was to be sent. */
    synchronized void failed(ConversationAddress address, long now) {
        Trouble trouble = troubled.computeIfAbsent(Inbox.of(address), none -> new Trouble(now));
        trouble.failures++;
        if (!trouble.open && trouble.failures >= FAILURES_IN_A_ROW && now - trouble.since >= FOR_AT_LEAST) {
            trouble.open = true;
            trouble.nextTryAt = now + FIRST_PAUSE;
        }
    }

    /** The provider has said something of a message, or has taken it. */
    synchronized void answered(ConversationAddress address) {
        troubled.remove(Inbox.of(address));
    }

    /** Whether what fails now counts as nobody's attempt. */
    synchronized boolean isOpen(ConversationAddress address) {
        Trouble trouble = troubled.get(Inbox.of(address));
        return trouble != null && trouble.open;
    }
}
