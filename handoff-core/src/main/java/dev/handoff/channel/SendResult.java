package dev.handoff.channel;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What one attempt to send came to. */
public sealed interface SendResult {

    /** The provider has accepted the message. */
    record Sent(String providerMessageId) implements SendResult {}

    /**
     * The provider has answered: certainly not sent, and worth another attempt.
     *
     * @param after how long the provider asks to wait with this message; null to use the library's back-off
     * @param slowSender whether the whole sender is to rest for two seconds, on all nodes
     */
    record Retry(String reason, @Nullable Duration after, boolean slowSender) implements SendResult {
        /** Another attempt after the library's back-off. */
        public static Retry because(String reason) {
            return new Retry(reason, null, false);
        }
    }

    /**
     * Certainly not sent, since the provider could not be reached: it has nothing to do with this message. Five in a row over
     * five seconds or more, {@link Unknown} included, open the sender's circuit on all nodes; until then each counts as an
     * attempt, afterwards none does.
     */
    record Unreachable(String reason) implements SendResult {}

    /**
     * Certainly not sent, and no attempt will do better.
     *
     * @param wholeSender whether the provider refuses whatever comes from this sender: a wrong password, an account that is
     *     closed. The second in a row opens the sender's circuit on all nodes: what was under way by then is lost to it, what
     *     waits is not
     */
    record Permanent(String reason, boolean wholeSender) implements SendResult {
        /** This message is refused; others may be taken. */
        public Permanent(String reason) {
            this(reason, false);
        }
    }

    /** Certainly not sent: the channel takes only an approved template now. */
    record NeedsTemplate(String reason) implements SendResult {}

    /**
     * Perhaps sent: a time-out, a cut connection, a 5xx, an answer that cannot be read. Counts as an attempt, and as a failure
     * of the sender's.
     */
    record Unknown(String reason) implements SendResult {}
}
