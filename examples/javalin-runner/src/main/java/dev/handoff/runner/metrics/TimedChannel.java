package dev.handoff.runner.metrics;

import dev.handoff.channel.Channel;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A channel whose attempts are timed; everything else is the channel's own. */
final class TimedChannel implements Channel {
    private final Channel channel;
    private final Timer sends;

    TimedChannel(Channel channel, Timer sends) {
        this.channel = channel;
        this.sends = sends;
    }

    @Override
    public String name() {
        return channel.name();
    }

    @Override
    public Optional<String> refuses(
            ConversationAddress address, Content content, @Nullable Instant lastInboundAt, Instant now) {
        return channel.refuses(address, content, lastInboundAt, now);
    }

    @Override
    public Optional<Duration> sessionWindow(ConversationAddress address) {
        return channel.sessionWindow(address);
    }

    @Override
    public int maxTextLength() {
        return channel.maxTextLength();
    }

    @Override
    public SendResult send(OutboundMessage message) {
        long begun = System.nanoTime();
        String outcome = "exception";
        try {
            SendResult result = channel.send(message);
            outcome = result.getClass().getSimpleName().toLowerCase(Locale.ROOT);
            return result;
        } finally {
            sends.took(Duration.ofNanos(System.nanoTime() - begun), channel.name(), outcome);
        }
    }

    @Override
    public LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
        return channel.lookUp(message, boundElsewhere);
    }
}
