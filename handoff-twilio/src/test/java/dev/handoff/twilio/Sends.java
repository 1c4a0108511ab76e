package dev.handoff.twilio;

import dev.handoff.channel.OutboundMessage;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.twilio.testing.FakeTwilio;
import java.time.Instant;
import java.util.UUID;

/** Messages to send, and the settings that send them to a fake. */
final class Sends {

    static final ConversationAddress ADDRESS =
            new ConversationAddress("default", "twilio", "whatsapp:+14155238886", "whatsapp:BR.1A2B");

    static final String SERVICE = "MG0123456789abcdef0123456789abcdef";

    static ConversationAddress from(String inbox) {
        return new ConversationAddress("default", "twilio", inbox, "+5511987654321");
    }

    static TwilioSettings.Builder settings(FakeTwilio twilio) {
        return twilio.settings("https://bot.example.com");
    }

    static OutboundMessage text(String text) {
        return of(Content.text(text));
    }

    static OutboundMessage text(String text, ConversationAddress address) {
        return of(Content.text(text), address, Instant.now());
    }

    static OutboundMessage of(Content content) {
        return of(content, ADDRESS, Instant.now());
    }

    static OutboundMessage of(Content content, ConversationAddress address, Instant attemptedAt) {
        return new OutboundMessage(
                new MessageId(new ConversationId("default", UUID.randomUUID()), 1),
                UUID.randomUUID(),
                1,
                address,
                MessageOwner.AGENT,
                content,
                attemptedAt);
    }

    private Sends() {}
}
