package dev.handoff.channel;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What one attempt to send came to. */
public sealed interface SendResult {

    /** The provider has accepted the message. */
    record Sent(String providerMessageId) implements SendResult {}

    /**
     * Certainly not sent, and worth another attempt.
     *
     * @param after how long the provider asks to wait; null to use the library's back-off
     * @param slowSender whether the whole sender is to be slowed, not this message alone
     */
    record Retry(String reason, @Nullable Duration after, boolean slowSender) implements SendResult {
        /** Another attempt after the library's back-off. */
        public static Retry because(String reason) {
            return new Retry(reason, null, false);
        }
    }

    /** Certainly not sent, and no attempt will do better. */
    record Permanent(String reason) implements SendResult {}

    /** Certainly not sent: the channel takes only an approved template now. */
    record NeedsTemplate(String reason) implements SendResult {}

    /** Perhaps sent: a time-out, a cut connection, a 5xx, an answer that cannot be read. */
    record Unknown(String reason) implements SendResult {}
}
