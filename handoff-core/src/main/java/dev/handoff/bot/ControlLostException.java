package dev.handoff.bot;

import dev.handoff.model.ConversationId;
import dev.handoff.model.HandoffException;

/**
 * The bot may do no more in the turn that it was answering: it is no longer in control, which is not counted as a failure,
 * or the turn's time is over, which is. Let it pass; it ends the turn.
 */
public final class ControlLostException extends HandoffException {
    private static final long serialVersionUID = 1L;

    private final transient ConversationId conversation;

    public ControlLostException(ConversationId conversation) {
        super("the bot is no longer in control of conversation " + conversation);
        this.conversation = conversation;
    }

    /** The conversation that changed hands. */
    public ConversationId conversation() {
        return conversation;
    }
}
