package dev.handoff.policy;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.InboundMessage;
import dev.handoff.model.Conversation;
import dev.handoff.model.HandoffRequest;
import java.util.Optional;

/**
 * Says when a conversation that the bot holds goes to a human. Pure: it has no side effects, asks no clock and no
 * network, and may run again on a fresh snapshot after a lost race. Ready-made ones are in {@link HandoffPolicies}.
 *
 * <p>A policy that throws is logged and taken as "no".
 */
@FunctionalInterface
public interface HandoffPolicy {

    /** The handoff that is wanted now, or empty. */
    Optional<HandoffRequest> decide(Situation situation);

    /** What has just happened. Only conversations that the bot holds are put to a policy. */
    sealed interface Situation {
        /** The conversation before it happened. */
        Conversation conversation();
    }

    /** The customer wrote. When the policy says yes, the bot gets no turn for this message. */
    record CustomerWrote(Conversation conversation, InboundMessage message) implements Situation {}

    /**
     * The bot answered. When the policy says yes, the answer is kept as suppressed and not sent.
     *
     * @param failuresInARow how often in a row the bot has failed or did not know, this answer included
     */
    record BotAnswered(Conversation conversation, BotReply reply, int failuresInARow) implements Situation {}

    /**
     * The bot threw, took too long, or answered nothing.
     *
     * @param failuresInARow how often in a row the bot has failed or did not know, this failure included
     */
    record BotFailed(Conversation conversation, int failuresInARow) implements Situation {}

    /** This policy, but the conversation waits in another queue. */
    default HandoffPolicy inQueue(String queue) {
        return situation -> decide(situation)
                .map(r -> new HandoffRequest(r.reason(), r.summary(), queue, r.priority(), r.farewell()));
    }

    /** This policy, but the conversation waits with another priority; higher is served first. */
    default HandoffPolicy withPriority(int priority) {
        return situation -> decide(situation)
                .map(r -> new HandoffRequest(r.reason(), r.summary(), r.queue(), priority, r.farewell()));
    }
}
