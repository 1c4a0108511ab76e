package dev.handoff.store;

import dev.handoff.channel.OutboundMessage;
import java.time.Duration;
import java.time.Instant;

/**
 * The right to make one attempt.
 *
 * @param message what to send
 * @param queuedAt when the message was first queued: the time budget counts from it
 * @param beginIn how long after the permit the attempt may begin, as the pace allows
 * @param health of the sender, when the permit was given
 */
public record OutboundPermit(OutboundMessage message, Instant queuedAt, Duration beginIn, SenderHealth health) {}
