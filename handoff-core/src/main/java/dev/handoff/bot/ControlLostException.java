package dev.handoff.bot;

import dev.handoff.model.ConversationId;
import dev.handoff.model.HandoffException;

/** The bot is no longer in control of the conversation that it was answering. Ends the turn; it does not count as a failure. */
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
