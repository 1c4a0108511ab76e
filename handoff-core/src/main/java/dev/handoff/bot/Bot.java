package dev.handoff.bot;

/**
 * The host's bot. It is called on the library's own threads, never inside a webhook. In one conversation, as long as the
 * bot is in control, it is never called while an earlier call has not returned; many conversations are served side by
 * side, so implementations are thread-safe.
 *
 * <p>A turn is durable work: when the bot throws, exceeds its time limit, or returns null, the turn is tried again and
 * then handed to a human. A bot that is interrupted and does not return within its time limit once more is not called
 * again: a human is called at once. When control changes while the bot thinks, its reply is stored as suppressed and never sent.
 */
@FunctionalInterface
public interface Bot {
    /**
     * Answers all that the customer has written since the last answer.
     *
     * @return what to do; only what is returned within the time limit counts
     * @throws Exception any failure; the turn is tried again. The thread is interrupted when the time limit has passed
     *     ({@link BotSettings#timeLimit()}, 30 seconds by default)
     */
    BotReply answer(BotTurn turn) throws Exception;
}
