package dev.handoff.channel;

import dev.handoff.model.ConversationAddress;
import dev.handoff.model.MessageId;

/**
 * A message that its provider has taken, and of which no report has said that it was delivered, or that it was not.
 *
 * @param id the message
 * @param address from which inbox to which customer
 * @param providerMessageId the provider's name for it
 */
public record SilentMessage(MessageId id, ConversationAddress address, String providerMessageId) {}
