package dev.handoff.twilio;

import dev.handoff.channel.DeliveryStatus;
import java.util.Locale;

/** Twilio's words for how far an outbound message has come. */
final class TwilioStatus {

    private TwilioStatus() {}

    /** Whether the word is about a message of a customer's, not about one of ours. */
    static boolean isInbound(String word) {
        return word.equalsIgnoreCase("received") || word.equalsIgnoreCase("receiving");
    }

    /** A word that is not known yet still proves that Twilio has the message: it counts as accepted. */
    static DeliveryStatus of(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "queued" -> DeliveryStatus.QUEUED;
            case "sending" -> DeliveryStatus.SENDING;
            case "sent" -> DeliveryStatus.SENT;
            case "delivered", "partially_delivered" -> DeliveryStatus.DELIVERED;
            case "read" -> DeliveryStatus.READ;
            case "failed", "undelivered", "canceled" -> DeliveryStatus.FAILED;
            default -> DeliveryStatus.ACCEPTED;
        };
    }
}
