package dev.handoff.bot;

import java.time.Duration;

/**
 * How the bot is called.
 *
 * @param timeLimit how long one call may take; 30 seconds by default. It is interrupted then, and the turn counts as
 *     failed as soon as it returns; if it has not returned for as long again, a human is called
 * @param maxAttempts how often a turn is tried before a human is called; 3 by default
 * @param retryDelay how long to wait before the second attempt, doubled for each further one; 500 ms by default
 * @param concurrency how many turns run side by side in this process; 32 by default
 * @param historyLimit how many of the latest messages a turn is given; 100 by default
 * @param lease how long after its process died a turn is claimed anew; 15 seconds by default, renewed while it runs
 */
public record BotSettings(
        Duration timeLimit, int maxAttempts, Duration retryDelay, int concurrency, int historyLimit, Duration lease) {

    /** The defaults that are named at the parameters. */
    public static BotSettings defaults() {
        return new BotSettings(Duration.ofSeconds(30), 3, Duration.ofMillis(500), 32, 100, Duration.ofSeconds(15));
    }

    /** With another time limit. */
    public BotSettings timeLimit(Duration limit) {
        return new BotSettings(limit, maxAttempts, retryDelay, concurrency, historyLimit, lease);
    }

    /** With another number of attempts, and another delay before the second. */
    public BotSettings attempts(int max, Duration delay) {
        return new BotSettings(timeLimit, max, delay, concurrency, historyLimit, lease);
    }
}
