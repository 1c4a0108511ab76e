package dev.handoff.store;

import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a decision rests on.
 *
 * @param conversation the conversation; null when there is none (by address: no open one)
 * @param previous by address, the latest ended conversation there; null when none, or when one is open
 * @param prior what was done before under the once-key; null when nothing was
 * @param now the store's time, read together with the rest
 */
public record Snapshot(
        @Nullable Conversation conversation,
        @Nullable ConversationId previous,
        @Nullable Prior prior,
        Instant now) {}
