package dev.handoff.machine;

import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.HandoffException;
import dev.handoff.model.MessageId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a command came to, once it is committed or refused. */
public sealed interface CommandResult {

    /**
     * It is carried out, or what it asks for held already.
     *
     * @param conversation the conversation right after the command
     * @param message the first message that the command added; null when none
     * @param inFlight where control changed: bot messages whose send had begun already
     */
    record Done(Conversation conversation, @Nullable MessageId message, List<MessageId> inFlight)
            implements CommandResult {}

    /**
     * It was refused, and nothing has changed.
     *
     * @param reason why
     * @param conversation the conversation as it stands
     */
    record Refused(Rejection reason, Conversation conversation) implements CommandResult {}

    /** There is no such conversation. */
    record NotFound(ConversationId id) implements CommandResult {}

    /**
     * For callers to whom a refusal is an exception.
     *
     * @throws RefusedException when the command was refused or the conversation does not exist
     */
    default Done orThrow() {
        if (this instanceof Done done) {
            return done;
        }
        throw new RefusedException(this);
    }

    /** A command was refused, or its conversation does not exist. */
    final class RefusedException extends HandoffException {
        private static final long serialVersionUID = 1L;

        private final transient CommandResult result;

        RefusedException(CommandResult result) {
            super(
                    result instanceof Refused refused
                            ? refused.conversation().id() + ": "
                                    + refused.reason().detail()
                            : "no such conversation: " + result);
            this.result = result;
        }

        /** The refusal. */
        public CommandResult result() {
            return result;
        }
    }
}
