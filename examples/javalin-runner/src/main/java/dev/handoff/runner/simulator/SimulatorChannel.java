package dev.handoff.runner.simulator;

import dev.handoff.channel.Channel;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A channel that reaches nobody but the pretended customer: every send succeeds at once. Takes as much text as Twilio. */
public final class SimulatorChannel implements Channel {
    /** Under this name its conversations are stored. */
    public static final String NAME = "simulator";

    /** Our own address in it. */
    static final String INBOX = "simulator:inbox";

    private static final int MAX_TEXT = 1600;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<String> refuses(
            ConversationAddress address, Content content, @Nullable Instant lastInboundAt, Instant now) {
        String text = content.text();
        if (content.isEmpty()) {
            return Optional.of("The message is empty: give it a text, a file or a template.");
        }
        if (text != null && text.codePointCount(0, text.length()) > MAX_TEXT) {
            return Optional.of("The text is longer than " + MAX_TEXT + " characters: send it in several messages.");
        }
        return Optional.empty();
    }

    @Override
    public int maxTextLength() {
        return MAX_TEXT;
    }

    @Override
    public SendResult send(OutboundMessage message) {
        return new SendResult.Sent(newMessageName());
    }

    @Override
    public LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
        // A send ends before anything can be lost on the way: what is unknown died with the process before it was sent.
        return new LookupResult.NotFound();
    }

    static String newMessageName() {
        return "SIM" + UUID.randomUUID().toString().replace("-", "");
    }
}
