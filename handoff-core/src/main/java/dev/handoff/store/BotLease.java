package dev.handoff.store;

import java.time.Duration;
import java.util.UUID;

/** What a commit does to the claim of a bot's turn. */
public sealed interface BotLease {

    /** Nothing. */
    record Keep() implements BotLease {}

    /** Ends the claim, if it is still this one; attempts are counted anew. */
    record End(UUID token) implements BotLease {}

    /** Ends the claim, if it is still this one, and lets the turn be claimed again after a delay. */
    record RetryAfter(UUID token, Duration delay) implements BotLease {}
}
