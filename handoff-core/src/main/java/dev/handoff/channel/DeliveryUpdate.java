package dev.handoff.channel;

import dev.handoff.model.MessageId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A provider's report on a message. It names the message by the attempt's token, or by the provider's id, or both.
 *
 * @param tenant whose message
 * @param channel which channel reports
 * @param message our message, where the callback carried it
 * @param attemptToken the attempt, where the callback carried it
 * @param providerMessageId the provider's name for the message
 * @param status what is reported
 * @param error why it failed, with the provider's code
 */
public record DeliveryUpdate(
        String tenant,
        String channel,
        @Nullable MessageId message,
        @Nullable UUID attemptToken,
        String providerMessageId,
        DeliveryStatus status,
        @Nullable String error) {}
