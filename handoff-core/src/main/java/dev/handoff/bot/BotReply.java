package dev.handoff.bot;

import dev.handoff.model.Content;
import dev.handoff.model.HumanHandoff;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the bot makes of a turn. */
public sealed interface BotReply {

    /**
     * Says something.
     *
     * @param contents one message each, in order; none of them empty
     * @param confidence from 0 to 1, for policies that hand over when it is low; 1 when the bot does not say
     */
    record Say(List<Content> contents, double confidence) implements BotReply {
        public Say {
            contents = List.copyOf(contents);
            if (contents.isEmpty() || contents.stream().anyMatch(Content::isEmpty)) {
                throw new IllegalArgumentException("a reply needs content; use BotReply.silence() to say nothing");
            }
            if (!(confidence >= 0 && confidence <= 1)) {
                throw new IllegalArgumentException("confidence is from 0 to 1, not " + confidence);
            }
        }
    }

    /** Says that it does not know. Policies count these; the text, where there is one, is sent unless they hand over. */
    record DontKnow(@Nullable String text) implements BotReply {}

    /** Has nothing to say, and means it: the turn is answered. */
    record Silence() implements BotReply {}

    /**
     * Hands the conversation to a human.
     *
     * @param farewell what the customer is told; it takes the place of the notice. Null for the notice itself
     */
    record HandOver(
            String reason,
            @Nullable String summary,
            String queue,
            int priority,
            @Nullable String farewell) implements BotReply {
        public HandOver {
            Objects.requireNonNull(reason, "reason");
            if (queue.isBlank()) {
                throw new IllegalArgumentException(
                        "a handoff needs a queue; the usual one is " + HumanHandoff.DEFAULT_QUEUE);
            }
        }
    }

    /**
     * Ends the conversation: as USER_CLOSED, or as FAILED.
     *
     * @param farewell what the customer is told; null for nothing
     */
    record End(boolean failed, String reason, @Nullable String farewell) implements BotReply {}

    /** One text message. */
    static BotReply text(String text) {
        return new Say(List.of(Content.text(text)), 1);
    }

    /** One text message of which the bot is not sure. */
    static BotReply text(String text, double confidence) {
        return new Say(List.of(Content.text(text)), confidence);
    }

    /** The bot does not know. */
    static BotReply dontKnow() {
        return new DontKnow(null);
    }

    /** Nothing to say. */
    static BotReply silence() {
        return new Silence();
    }

    /** A human should take this, in the default queue. */
    static BotReply handOver(String reason) {
        return new HandOver(reason, null, HumanHandoff.DEFAULT_QUEUE, 0, null);
    }
}
