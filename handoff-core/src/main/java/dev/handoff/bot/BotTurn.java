package dev.handoff.bot;

import dev.handoff.model.Conversation;
import dev.handoff.model.HandBack;
import dev.handoff.model.Message;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One call of the bot, fenced: it is bound to the conversation's control epoch and to the customer messages that it
 * answers.
 *
 * @param conversation the conversation when the turn began
 * @param attempt which attempt at this turn, from 1
 * @param history what was said lately, oldest first, the unanswered messages included. Agents' notes and what was
 *     suppressed are left out: the customer has not seen them, and must not hear of them
 * @param unanswered what the customer has written since the last answer, oldest first; never empty
 * @param control asks whether the bot is still in control
 */
public record BotTurn(
        Conversation conversation, int attempt, List<Message> history, List<Message> unanswered, Control control) {

    /** Asks the store who is in control. */
    @FunctionalInterface
    public interface Control {
        /** Whether the epoch in which this turn began still lasts, read from the store, and its time is not over. */
        boolean isStillWithBot();
    }

    public BotTurn {
        history = List.copyOf(history);
        unanswered = List.copyOf(unanswered);
    }

    /**
     * The unanswered texts, one a line; media without text are left out. A place without text is put into words. What a
     * button or a form means to you is in {@link Message#structured()}.
     */
    public String text() {
        return unanswered.stream()
                .map(Message::words)
                .filter(words -> !words.isEmpty())
                .collect(Collectors.joining("\n"));
    }

    /** How the last human stretch ended, so that the bot knows that it may speak again; null when there was none. */
    public @Nullable HandBack handBack() {
        return conversation.handBack();
    }

    /**
     * For the bot's tools, before they do something that cannot be undone.
     *
     * @throws ControlLostException when a person has taken over meanwhile, or the turn's time is over
     * @throws dev.handoff.store.StoreUnavailableException when the store does not answer; let it pass, and the turn is tried
     *     again without counting as failed
     */
    public void ensureInControl() {
        if (!control.isStillWithBot()) {
            throw new ControlLostException(conversation.id());
        }
    }
}
