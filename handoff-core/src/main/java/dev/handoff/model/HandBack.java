package dev.handoff.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the last human stretch ended: given to the bot with its next turns, so that it knows that it may speak again and
 * what was settled meanwhile.
 *
 * @param since when the human stretch began
 * @param at when control came back to the bot
 * @param agentId the agent who last held the conversation; null when nobody did
 * @param reason why it came back, for example {@code waiting_timeout}
 * @param summary what the human left for the bot
 */
public record HandBack(
        Instant since,
        Instant at,
        @Nullable String agentId,
        String reason,
        @Nullable String summary) {}
