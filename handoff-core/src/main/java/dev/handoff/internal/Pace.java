package dev.handoff.internal;

import dev.handoff.model.ConversationAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How fast this process sends from one inbox and to one customer. Each address has the time at which its next send may
 * begin; a reservation moves that time on. Once that time has come the address is forgotten: it says nothing any more, and
 * strangers choose how many there are and how long. One lock, held for a few map operations.
 */
final class Pace {
    private static final int REMEMBERED = 10_000;
    private static final Duration SLOWED_FOR = Duration.ofSeconds(2);

    private final long perSender;
    private final long perRecipient;
    private final Map<Object, Long> nextAt = new LinkedHashMap<>(16, 0.75f, true);

    private record Sender(String channel, String inbox) {}

    /** Rates in messages a second. */
    Pace(double senderRate, double recipientRate) {
        this.perSender = (long) (TimeUnit.SECONDS.toNanos(1) / senderRate);
        this.perRecipient = (long) (TimeUnit.SECONDS.toNanos(1) / recipientRate);
    }

    /**
     * Reserves the next free moment for both ends of an address; returns how long it is away, in nanoseconds. A customer
     * who must wait takes a place of the sender's all the same, but does not hold up the sender's other customers.
     */
    synchronized long reserve(ConversationAddress address, long now) {
        Sender sender = sender(address);
        long senderAt = Math.max(now, nextAt.getOrDefault(sender, now));
        long at = Math.max(senderAt, nextAt.getOrDefault(address, now));
        nextAt.put(sender, senderAt + perSender);
        nextAt.put(address, at + perRecipient);
        forget(now);
        return at - now;
    }

    /** Gives a reservation back that is not used. */
    synchronized void giveBack(ConversationAddress address) {
        nextAt.computeIfPresent(sender(address), (key, at) -> at - perSender);
        nextAt.computeIfPresent(address, (key, at) -> at - perRecipient);
    }

    /** Holds a whole sender back for a moment, as its provider asks. */
    synchronized void slow(ConversationAddress address, long now) {
        nextAt.merge(sender(address), now + SLOWED_FOR.toNanos(), Math::max);
    }

    private static Sender sender(ConversationAddress address) {
        return new Sender(address.channel(), address.inbox());
    }

    synchronized int remembered() {
        return nextAt.size();
    }

    private void forget(long now) {
        Iterator<Long> eldest = nextAt.values().iterator();
        while (eldest.hasNext() && (eldest.next() <= now || nextAt.size() > REMEMBERED)) {
            eldest.remove();
        }
    }
}
