package dev.handoff.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The wish to hand a conversation to a human.
 *
 * @param reason why, in a word or a sentence
 * @param summary what the agent should know before answering
 * @param queue where it is to wait
 * @param priority higher is served first; 0 is normal
 * @param farewell what the customer is told, in place of the notice; null for the notice
 */
public record HandoffRequest(
        String reason,
        @Nullable String summary,
        String queue,
        int priority,
        @Nullable String farewell) {
    public HandoffRequest {
        Objects.requireNonNull(reason, "reason");
        if (queue.isBlank()) {
            throw new IllegalArgumentException(
                    "a handoff needs a queue; the usual one is " + HumanHandoff.DEFAULT_QUEUE);
        }
    }

    /** A handoff to the default queue. */
    public static HandoffRequest because(String reason) {
        return new HandoffRequest(reason, null, HumanHandoff.DEFAULT_QUEUE, 0, null);
    }
}
