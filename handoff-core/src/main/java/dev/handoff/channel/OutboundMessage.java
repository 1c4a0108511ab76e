package dev.handoff.channel;

import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import java.time.Instant;
import java.util.UUID;

/**
 * One attempt to send one message.
 *
 * @param id the message
 * @param attemptToken names this attempt; a channel carries it in its callback address, so that a callback reveals the
 *     provider's id of a send whose answer was lost
 * @param attempt which attempt this is, from 1
 * @param address from which inbox to which customer
 * @param owner who says it
 * @param content what it says
 * @param attemptedAt when this attempt may begin, on the store's clock: the moment of its permit or, as the pace allows, up to
 *     half a second later
 */
public record OutboundMessage(
        MessageId id,
        UUID attemptToken,
        int attempt,
        ConversationAddress address,
        MessageOwner owner,
        Content content,
        Instant attemptedAt) {}
