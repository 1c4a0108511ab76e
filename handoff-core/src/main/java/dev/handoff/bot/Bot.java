package dev.handoff.bot;

/**
 * The host's bot. It is called on the library's own threads, never inside a webhook, at most once at a time for one
 * conversation; many conversations are served side by side, so implementations are thread-safe.
 *
 * <p>A turn is durable work: when the bot throws, exceeds its time limit, or returns null, the turn is tried again and
 * then handed to a human. When control changes while the bot thinks, its reply is stored as suppressed and never sent.
 */
@FunctionalInterface
public interface Bot {
    /**
     * Answers all that the customer has written since the last answer.
     *
     * @throws Exception any failure; the turn is tried again. The thread is interrupted when the time limit has passed.
     */
    BotReply answer(BotTurn turn) throws Exception;
}
