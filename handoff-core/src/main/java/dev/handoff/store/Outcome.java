package dev.handoff.store;

import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.MessageId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a committed command brought about, as it is told again when the command is repeated.
 *
 * @param conversation which conversation
 * @param after the conversation right after the commit; kept for commands, null for inbound messages and turns
 * @param messageSeq the first message that it added; null when none
 * @param inFlight bot messages whose send had begun when control changed
 */
public record Outcome(
        ConversationId conversation,
        @Nullable Conversation after,
        @Nullable Long messageSeq,
        List<MessageId> inFlight) {}
