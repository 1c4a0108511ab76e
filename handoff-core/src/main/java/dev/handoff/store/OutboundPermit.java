package dev.handoff.store;

import dev.handoff.channel.OutboundMessage;
import java.time.Instant;

/**
 * The right to make one attempt.
 *
 * @param message what to send
 * @param queuedAt when the message was first queued: the time budget counts from it
 */
public record OutboundPermit(OutboundMessage message, Instant queuedAt) {}
