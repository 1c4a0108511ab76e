package dev.handoff.channel;

import java.time.Duration;

/**
 * How messages are sent.
 *
 * @param maxAttempts how often a message is tried before it becomes a dead letter; 8 by default. While the provider cannot
 *     be reached at all, what certainly came to nothing does not count; only {@code timeBudget} ends it then
 * @param retryBase the first back-off, doubled for each further attempt, with full jitter; 1 second by default
 * @param retryCap the longest back-off, and the longest wait between two look-ups of one message; 5 minutes by default
 * @param timeBudget how long after it was queued, by the host's command or an operator's, a message may still be tried;
 *     whatever it waited for, it becomes a dead letter then. 24 hours by default
 * @param unknownWait how long an unknown outcome waits for a callback before it is looked up; 10 seconds by default
 * @param senderRate messages a second from one inbox, of all nodes together; 80 by default. They are sent three per cent more
 *     slowly, so that what is late on its way to the provider does not arrive among too many
 * @param recipientRate messages a second to one customer, of all nodes together; 10 by default. Stores may count it within one
 *     conversation
 * @param concurrency how many sends of one inbox run side by side in this process, so that a slow one stops nobody else; 32
 *     by default. Eight times as many run in all
 * @param permitFor how long after its permit a send may begin; 3 seconds by default. Longer than half a second, since the pace
 *     may have it begin that late
 * @param lease how long after its permit an attempt without a result counts as unknown; 15 seconds by default. Longer
 *     than {@code permitFor} and the channel's own time-out together
 */
public record OutboundSettings(
        int maxAttempts,
        Duration retryBase,
        Duration retryCap,
        Duration timeBudget,
        Duration unknownWait,
        double senderRate,
        double recipientRate,
        int concurrency,
        Duration permitFor,
        Duration lease) {

    /** The defaults that are named at the parameters. */
    public static OutboundSettings defaults() {
        return new OutboundSettings(
                8,
                Duration.ofSeconds(1),
                Duration.ofMinutes(5),
                Duration.ofHours(24),
                Duration.ofSeconds(10),
                80,
                10,
                32,
                Duration.ofSeconds(3),
                Duration.ofSeconds(15));
    }

    /** With another number of attempts and another first back-off. */
    public OutboundSettings attempts(int max, Duration base) {
        return new OutboundSettings(
                max, base, retryCap, timeBudget, unknownWait, senderRate, recipientRate, concurrency, permitFor, lease);
    }

    /** With another wait before an unknown outcome is looked up. */
    public OutboundSettings unknownWait(Duration wait) {
        return new OutboundSettings(
                maxAttempts,
                retryBase,
                retryCap,
                timeBudget,
                wait,
                senderRate,
                recipientRate,
                concurrency,
                permitFor,
                lease);
    }

    /** With another pace, in messages a second. */
    public OutboundSettings pace(double perSender, double perRecipient) {
        return new OutboundSettings(
                maxAttempts,
                retryBase,
                retryCap,
                timeBudget,
                unknownWait,
                perSender,
                perRecipient,
                concurrency,
                permitFor,
                lease);
    }
}
