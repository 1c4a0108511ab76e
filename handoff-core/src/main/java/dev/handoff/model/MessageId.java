package dev.handoff.model;

import java.util.Optional;

/**
 * Names one message: its conversation and its place in it.
 *
 * @param conversation the conversation that holds the message
 * @param seq its place, dense from 1
 */
public record MessageId(ConversationId conversation, long seq) {
    public MessageId {
        if (seq < 1) {
            throw new IllegalArgumentException("a message's seq starts at 1, not " + seq);
        }
    }

    /** Reads the text form that {@link #text()} gives; empty when the text is not one. */
    public static Optional<MessageId> parse(String tenant, String text) {
        int dot = text.indexOf('.');
        if (dot < 0 || !text.substring(dot + 1).matches("[1-9][0-9]{0,17}")) {
            return Optional.empty();
        }
        long seq = Long.parseLong(text.substring(dot + 1));
        return ConversationId.parse(tenant, text.substring(0, dot)).map(id -> new MessageId(id, seq));
    }

    /** The id without its tenant: {@code <conversation>.<seq>}. */
    public String text() {
        return conversation.text() + "." + seq;
    }

    @Override
    public String toString() {
        return conversation + "." + seq;
    }
}
