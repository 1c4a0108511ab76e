package dev.handoff.internal;

import dev.handoff.store.SenderId;
import java.util.HashMap;
import java.util.Map;

/**
 * How many sends of this process run: a bulkhead for each sender, so that one whose provider is slow stops nobody else, and
 * a limit for all. One lock, held for a few map operations.
 */
final class Slots {
    private static final int SENDERS_AT_FULL_SPEED = 8;

    private final int perSender;
    private final Map<SenderId, Integer> busy = new HashMap<>();
    private int free;

    Slots(int perSender) {
        this.perSender = perSender;
        this.free = (int) Math.min(Integer.MAX_VALUE, (long) perSender * SENDERS_AT_FULL_SPEED);
    }

    int perSender() {
        return perSender;
    }

    synchronized int free() {
        return free;
    }

    synchronized Map<SenderId, Integer> busy() {
        return Map.copyOf(busy);
    }

    synchronized void take(SenderId sender) {
        free--;
        busy.merge(sender, 1, Integer::sum);
    }

    synchronized void giveBack(SenderId sender) {
        free++;
        busy.computeIfPresent(sender, (id, running) -> running == 1 ? null : running - 1);
    }
}
