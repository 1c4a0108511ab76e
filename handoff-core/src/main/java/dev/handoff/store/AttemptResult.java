package dev.handoff.store;

import dev.handoff.model.MessageId;
import java.time.Duration;
import java.util.UUID;

/**
 * What one attempt came to, as decided by the outbound worker.
 *
 * @param id which message
 * @param token which attempt
 * @param verdict what is to happen
 */
public record AttemptResult(MessageId id, UUID token, Verdict verdict) {

    /** What is to happen. */
    public sealed interface Verdict {
        /** The provider has it. */
        record Sent(String providerMessageId) implements Verdict {}

        /**
         * A look-up found it at the provider, by what it says. Another message may say the same: if the provider's message
         * is known to be that one's by now, this decides nothing, and the message is looked up again at once.
         */
        record Found(String providerMessageId) implements Verdict {}

        /**
         * Certainly not sent: queue it again, or suppress it if it was fenced meanwhile.
         *
         * @param delay how long to wait
         * @param countsAsAttempt false when nothing was tried, for example because the pace did not allow it
         */
        record Again(Duration delay, String reason, boolean countsAsAttempt) implements Verdict {}

        /** Given up. */
        record Dead(String reason) implements Verdict {}

        /**
         * Perhaps sent: wait this long for a callback, then look it up. Told by the send: look-ups from before it had ended
         * count for nothing.
         */
        record Unknown(String reason, Duration lookUpIn) implements Verdict {}

        /**
         * A look-up found nothing: look it up once more after this.
         *
         * @param lookUp which look-up of the attempt it was, from 1; counts only as the next one, so that it counts once
         *     however often it is written
         */
        record NotFound(int lookUp, String reason, Duration lookUpIn) implements Verdict {}

        /** A look-up decided nothing: it does not count, and the message is looked up again after this. */
        record Unclear(String reason, Duration lookUpIn) implements Verdict {}
    }
}
