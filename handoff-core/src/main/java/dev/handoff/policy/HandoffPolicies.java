package dev.handoff.policy;

import dev.handoff.bot.BotReply;
import dev.handoff.model.HandoffRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Ready-made policies, to be combined by {@link #firstOf}. */
public final class HandoffPolicies {

    private HandoffPolicies() {}

    /** The first policy that says yes decides. */
    public static HandoffPolicy firstOf(HandoffPolicy... policies) {
        List<HandoffPolicy> inOrder = List.of(policies);
        return situation -> inOrder.stream()
                .map(policy -> policy.decide(situation))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Nobody is ever called: only the host, an agent or the bot itself hands over. */
    public static HandoffPolicy never() {
        return situation -> Optional.empty();
    }

    /**
     * The customer asks for a person, in Portuguese, English or Spanish. Whole words count; case and accents do not.
     * Reason: {@code customer_request}.
     *
     * @param moreWords the host's own words or phrases, which count as well
     */
    public static HandoffPolicy customerAsksForHuman(String... moreWords) {
        SpokenWords words = SpokenWords.forAHuman().and(moreWords);
        return situation -> situation instanceof HandoffPolicy.CustomerWrote wrote
                        && words.occurIn(wrote.message().content().text())
                ? Optional.of(HandoffRequest.because("customer_request"))
                : Optional.empty();
    }

    /**
     * The bot failed, or said that it does not know, so many times in a row. Reason: {@code bot_failed}.
     *
     * @param times 1 or more
     */
    public static HandoffPolicy botFailed(int times) {
        requireAtLeastOne(times, "botFailed");
        return situation -> {
            int failures = 0;
            if (situation instanceof HandoffPolicy.BotFailed failed) {
                failures = failed.failuresInARow();
            } else if (situation instanceof HandoffPolicy.BotAnswered answered) {
                failures = answered.failuresInARow();
            }
            return failures >= times ? Optional.of(HandoffRequest.because("bot_failed")) : Optional.empty();
        };
    }

    /**
     * The bot answered with less confidence than this. Reason: {@code low_confidence}.
     *
     * @param atLeast from 0 to 1
     */
    public static HandoffPolicy lowConfidence(double atLeast) {
        if (!(atLeast >= 0 && atLeast <= 1)) {
            throw new IllegalArgumentException("lowConfidence takes a number from 0 to 1, not " + atLeast);
        }
        return situation -> situation instanceof HandoffPolicy.BotAnswered answered
                        && answered.reply() instanceof BotReply.Say say
                        && say.confidence() < atLeast
                ? Optional.of(HandoffRequest.because("low_confidence"))
                : Optional.empty();
    }

    /**
     * The customer writes once more after the bot has replied so many times since it was given control. Reason:
     * {@code too_many_bot_turns}.
     *
     * @param replies 1 or more
     */
    public static HandoffPolicy tooManyBotTurns(int replies) {
        requireAtLeastOne(replies, "tooManyBotTurns");
        return situation -> situation instanceof HandoffPolicy.CustomerWrote
                        && situation.conversation().bot().turnsInARow() >= replies
                ? Optional.of(HandoffRequest.because("too_many_bot_turns"))
                : Optional.empty();
    }

    /** The host's own rule on what the customer wrote. */
    public static HandoffPolicy whenCustomerWrites(
            Predicate<HandoffPolicy.CustomerWrote> rule, HandoffRequest request) {
        return situation -> situation instanceof HandoffPolicy.CustomerWrote wrote && rule.test(wrote)
                ? Optional.of(request)
                : Optional.empty();
    }

    private static void requireAtLeastOne(int number, String name) {
        if (number < 1) {
            throw new IllegalArgumentException(name + " takes 1 or more, not " + number);
        }
    }
}
