package dev.handoff.store;

import dev.handoff.channel.InboundMessage;
import dev.handoff.model.ConversationId;
import java.util.UUID;

/**
 * What makes sure that one thing has one effect. Unique by tenant, kind and key, as a constraint of the store.
 *
 * @param tenant whose
 * @param kind what is done once
 * @param key its name
 * @param fingerprint tells whether the same key comes with the same body
 */
public record OnceKey(String tenant, Kind kind, String key, String fingerprint) {

    /** What is done once. */
    public enum Kind {
        /** An inbound message, by channel and provider id. Kept for ever. */
        INBOUND,
        /** A command, by conversation and command id. Kept for 24 hours. */
        COMMAND,
        /** A bot's turn, by its claim. Kept for 24 hours. */
        TURN
    }

    /** The key of an inbound message. The provider id alone decides: a redelivery may differ in its other fields. */
    public static OnceKey of(InboundMessage message) {
        return new OnceKey(
                message.address().tenant(),
                Kind.INBOUND,
                message.address().channel() + ":" + message.providerMessageId(),
                "");
    }

    /** The key of a command that its caller has named. */
    public static OnceKey command(ConversationId conversation, String commandId, String fingerprint) {
        return new OnceKey(conversation.tenant(), Kind.COMMAND, conversation.text() + ":" + commandId, fingerprint);
    }

    /** The key of one claim of a bot's turn. */
    public static OnceKey turn(ConversationId conversation, UUID token) {
        return new OnceKey(conversation.tenant(), Kind.TURN, token.toString(), "");
    }
}
