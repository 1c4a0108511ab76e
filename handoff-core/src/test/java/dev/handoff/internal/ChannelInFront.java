package dev.handoff.internal;

import dev.handoff.channel.Channel;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Passes everything on to another channel, but for what a test puts in its way. */
class ChannelInFront implements Channel {
    private final Channel real;

    ChannelInFront(Channel real) {
        this.real = real;
    }

    @Override
    public String name() {
        return real.name();
    }

    @Override
    public Optional<String> refuses(
            ConversationAddress address, Content content, @Nullable Instant lastInboundAt, Instant now) {
        return real.refuses(address, content, lastInboundAt, now);
    }

    @Override
    public Optional<Duration> sessionWindow(ConversationAddress address) {
        return real.sessionWindow(address);
    }

    @Override
    public int maxTextLength() {
        return real.maxTextLength();
    }

    @Override
    public SendResult send(OutboundMessage message) {
        return real.send(message);
    }

    @Override
    public LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
        return real.lookUp(message, boundElsewhere);
    }
}
