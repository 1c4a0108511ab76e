package dev.handoff.model;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One message of a conversation.
 *
 * @param id its name
 * @param owner who it is from
 * @param agentId which agent; null unless {@code owner} is {@link MessageOwner#AGENT}
 * @param direction which way it goes
 * @param content what it says
 * @param fields for inbound messages, every parameter that the channel delivered
 * @param providerMessageId the provider's name for it; null until known
 * @param delivery how far it has come; null unless outbound
 * @param error why it failed or why its outcome is unknown
 * @param epoch the control epoch in which it was said
 * @param createdAt when it was stored
 */
public record Message(
        MessageId id,
        MessageOwner owner,
        @Nullable String agentId,
        Direction direction,
        Content content,
        Map<String, String> fields,
        @Nullable String providerMessageId,
        @Nullable Delivery delivery,
        @Nullable String error,
        long epoch,
        Instant createdAt) {}
