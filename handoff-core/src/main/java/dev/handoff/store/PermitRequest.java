package dev.handoff.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * How many permits a worker can use, and at what pace.
 *
 * @param limit how many at most: no more than the worker can send at once
 * @param perSender how many sends of one sender may run in this process
 * @param busy how many of each sender's run already; none where a sender is missing
 * @param senderInterval the time between two sends of one sender, on whatever node; zero for none
 * @param recipientInterval the time between two sends to one customer; zero for none. Stores may count it within one
 *     conversation
 * @param lease how long until an attempt without a result counts as unknown; longer than the time within which the worker
 *     begins to send, and the channel's time-out, together
 */
public record PermitRequest(
        int limit,
        int perSender,
        Map<SenderId, Integer> busy,
        Duration senderInterval,
        Duration recipientInterval,
        Duration lease) {

    /** A copy of the map is kept. */
    public PermitRequest {
        busy = Map.copyOf(busy);
    }

    /** So many of whatever sender, at no pace. */
    public static PermitRequest upTo(int limit, Duration lease) {
        return new PermitRequest(limit, limit, Map.of(), Duration.ZERO, Duration.ZERO, lease);
    }

    /**
     * When a customer may be written to again: now, or later. A clock that was set back leaves attempts that lie further ahead
     * than any permit: they count as none.
     *
     * @param last when the latest attempt to reach them began
     */
    public Instant mayBeWrittenToAt(Instant last, Instant now) {
        Instant from = last.plus(recipientInterval);
        boolean isMeant = !last.isAfter(now.plus(SenderState.AHEAD.multipliedBy(2)));
        return isMeant && from.isAfter(now) ? from : now;
    }

    /** What a sender may send now, when so many permits are left to be given. */
    public SenderState.Turn turn(SenderId sender, SenderState state, Instant now, int left) {
        int room = Math.min(left, perSender - busy.getOrDefault(sender, 0));
        return state.turn(now, senderInterval, room);
    }
}
