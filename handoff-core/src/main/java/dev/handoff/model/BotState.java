package dev.handoff.model;

/**
 * What the bot has done in this conversation.
 *
 * @param answeredSeq the bot owes an answer while this is below the conversation's {@code inboundSeq}; it is a
 *     condition, not a queue, so no wake-up can be lost
 * @param failuresInARow turns that failed, or in which the bot said that it does not know, since it last knew
 * @param turnsInARow replies since the bot was last given control
 */
public record BotState(long answeredSeq, int failuresInARow, int turnsInARow) {
    /** A bot that has done nothing yet. */
    public static final BotState NEW = new BotState(0, 0, 0);

    /** Nothing up to {@code seq} is owed an answer; counters start anew, as at each change of control. */
    public static BotState settledUpTo(long seq) {
        return new BotState(seq, 0, 0);
    }

    /** A reply to everything up to {@code seq} was given. */
    public BotState answered(long seq) {
        return new BotState(seq, 0, turnsInARow + 1);
    }

    /** A reply was given that says that the bot does not know. */
    public BotState didNotKnow(long seq) {
        return new BotState(seq, failuresInARow + 1, turnsInARow + 1);
    }

    /** A turn failed; its answer is still owed. */
    public BotState failed() {
        return new BotState(answeredSeq, failuresInARow + 1, turnsInARow);
    }
}
