package dev.handoff.twilio;

import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.InboundMessage;

/** What a webhook turned out to be. Whatever strangers send, it is one of these, never an exception. */
public sealed interface TwilioWebhook {

    /** Twilio signed it: a customer wrote. Answer 200 with {@link TwilioWebhooks#EMPTY_TWIML} once it is stored. */
    record Inbound(InboundMessage message) implements TwilioWebhook {}

    /** Twilio signed it: a report on a message of ours. Answer 204. */
    record Status(DeliveryUpdate update) implements TwilioWebhook {}

    /** Not to be processed. Answer {@link Refusal#httpStatus()}; {@code detail} is for the log, not for the caller. */
    record Refused(Refusal kind, String detail) implements TwilioWebhook {}

    /** Why a webhook is refused, in the order in which this is found out. */
    enum Refusal {
        TOO_LARGE(413),
        FORBIDDEN(403),
        MALFORMED(400);

        private final int httpStatus;

        Refusal(int httpStatus) {
            this.httpStatus = httpStatus;
        }

        /** With which HTTP status to answer. */
        public int httpStatus() {
            return httpStatus;
        }
    }
}
