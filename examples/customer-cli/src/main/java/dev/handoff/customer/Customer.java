package dev.handoff.customer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who writes, and to which number of which account. Every message is a new one, with the parameters that Twilio sends for
 * its kind (<a href="https://www.twilio.com/docs/messaging/guides/webhook-request">Twilio, webhook request</a>).
 *
 * @param from the customer's address, such as {@code whatsapp:+12025550123}
 * @param to the host's address
 * @param name the name in the customer's profile; Twilio sends one on WhatsApp only
 */
record Customer(
        String account, String from, String to, @Nullable String name) {

    Form text(String text) {
        return message("SM", "text", text);
    }

    /** One message with these files; their kind is guessed from the URL's ending. */
    Form media(String caption, List<String> urls) {
        Form message = message("MM", MediaKind.of(urls.get(0)).messageType(), caption)
                .with("NumMedia", String.valueOf(urls.size()));
        for (int i = 0; i < urls.size(); i++) {
            message = message.with(
                            "MediaContentType" + i, MediaKind.of(urls.get(i)).contentType())
                    .with("MediaUrl" + i, urls.get(i));
        }
        return message;
    }

    Form location(String latitude, String longitude, @Nullable String label, @Nullable String address) {
        Form message = message("SM", "location", "").with("Latitude", latitude).with("Longitude", longitude);
        message = label == null ? message : message.with("Label", label);
        return address == null ? message : message.with("Address", address);
    }

    /** A tap on a button of an earlier message of the host's; {@code repliedTo} is that message's SID. */
    Form button(String text, String payload, @Nullable String repliedTo) {
        Form message = message("SM", "button", text).with("ButtonText", text).with("ButtonPayload", payload);
        return repliedTo == null
                ? message
                : message.with("OriginalRepliedMessageSid", repliedTo).with("OriginalRepliedMessageSender", to);
    }

    static String newSid(String prefix) {
        return prefix + UUID.randomUUID().toString().replace("-", "");
    }

    private Form message(String sidPrefix, String type, String body) {
        String sid = newSid(sidPrefix);
        Form message = Form.empty()
                .with("SmsMessageSid", sid)
                .with("NumMedia", "0")
                .with("SmsSid", sid)
                .with("SmsStatus", "received")
                .with("Body", body)
                .with("To", to)
                .with("NumSegments", "1")
                .with("MessageSid", sid)
                .with("AccountSid", account)
                .with("From", from)
                .with("ApiVersion", "2010-04-01");
        return from.startsWith("whatsapp:") ? asOnWhatsApp(message, type) : message;
    }

    private Form asOnWhatsApp(Form message, String type) {
        ObjectNode metadata = JsonNodeFactory.instance.objectNode().put("type", "whatsapp");
        ObjectNode context = metadata.putObject("data").putObject("context");
        Form typed = message.with("MessageType", type);
        if (name != null) {
            context.put("ProfileName", name);
            typed = typed.with("ProfileName", name);
        }
        // Someone who hides the number has an opaque address, and no WaId.
        if (from.matches("whatsapp:\\+[0-9]+")) {
            String waId = from.substring("whatsapp:+".length());
            context.put("WaId", waId);
            typed = typed.with("WaId", waId);
        }
        return typed.with("ChannelMetadata", metadata.toString());
    }
}
