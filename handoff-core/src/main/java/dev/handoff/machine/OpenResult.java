package dev.handoff.machine;

import dev.handoff.model.Conversation;
import dev.handoff.model.MessageId;
import org.jspecify.annotations.Nullable;

/** What became of the host's wish to open a conversation. */
public sealed interface OpenResult {

    /**
     * It is open now.
     *
     * @param conversation the conversation right after the commit
     * @param message what the customer is told; null when nothing was to be said
     */
    record Opened(Conversation conversation, @Nullable MessageId message) implements OpenResult {}

    /**
     * One was open at this address already. Nothing has changed and nothing was said.
     *
     * @param conversation the conversation as it stands
     */
    record AlreadyOpen(Conversation conversation) implements OpenResult {}

    /** What was to be said cannot be, so nothing was opened. */
    record Refused(Rejection reason) implements OpenResult {}
}
