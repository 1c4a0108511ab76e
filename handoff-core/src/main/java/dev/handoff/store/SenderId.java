package dev.handoff.store;

import dev.handoff.model.ConversationAddress;

/**
 * From where messages go out: what a provider limits as one, and what is out of reach as one.
 *
 * @param tenant whose it is
 * @param channel over which channel
 * @param inbox our own address there
 */
public record SenderId(String tenant, String channel, String inbox) {

    /** The sender of what is said at this address. */
    public static SenderId of(ConversationAddress address) {
        return new SenderId(address.tenant(), address.channel(), address.inbox());
    }
}
