package dev.handoff;

import dev.handoff.internal.Engine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How messages are sent.
 *
 * @param maxAttempts how often a message is tried before it becomes a dead letter; 8 by default
 * @param retryBase the first back-off, doubled for each further attempt, with full jitter; 1 second by default
 * @param retryCap the longest back-off; 5 minutes by default
 * @param timeBudget how long after it was queued a message may still be tried; 24 hours by default
 * @param unknownWait how long an unknown outcome waits for a callback before it is looked up; 10 seconds by default
 * @param senderRate messages a second from one inbox; 80 by default
 * @param recipientRate messages a second to one customer; 10 by default
 * @param concurrency how many sends run side by side in this process; 32 by default
 * @param permitFor how long after its permit a send may begin; 3 seconds by default
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

    Engine.OutboundSide forEngine() {
        return new Engine.OutboundSide(
                maxAttempts,
                retryBase,
                retryCap,
                timeBudget,
                unknownWait,
                senderRate,
                recipientRate,
                concurrency,
                permitFor,
                lease);
    }

    List<String> problems() {
        List<String> problems = new ArrayList<>();
        Problems.atLeastOne("outbound.maxAttempts", maxAttempts, problems);
        Problems.atLeastOne("outbound.concurrency", concurrency, problems);
        Problems.positive("outbound.retryBase", retryBase, problems);
        Problems.positive("outbound.retryCap", retryCap, problems);
        Problems.positive("outbound.timeBudget", timeBudget, problems);
        Problems.positive("outbound.unknownWait", unknownWait, problems);
        Problems.positive("outbound.permitFor", permitFor, problems);
        if (!(senderRate > 0) || !(recipientRate > 0)) {
            problems.add("outbound.pace: rates must be above 0, not " + senderRate + " and " + recipientRate);
        }
        if (lease.compareTo(permitFor) <= 0) {
            problems.add("outbound.lease: must be longer than permitFor (" + permitFor
                    + ") plus the channel's time-out," + " not " + lease);
        }
        return problems;
    }
}
