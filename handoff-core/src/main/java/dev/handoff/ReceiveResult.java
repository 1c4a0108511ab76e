package dev.handoff;

import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.MessageId;

/** What became of an inbound message. Either way it is stored, exactly once (I3): a webhook may answer 2xx. */
public sealed interface ReceiveResult {

    /** The message is stored now. */
    record Stored(Conversation conversation, MessageId message) implements ReceiveResult {}

    /** The message was stored before; nothing has changed. */
    record Duplicate(ConversationId conversation, MessageId message) implements ReceiveResult {}
}
