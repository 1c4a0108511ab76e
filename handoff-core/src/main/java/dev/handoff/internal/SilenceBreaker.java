package dev.handoff.internal;

import dev.handoff.channel.Channel;
import dev.handoff.channel.SilentMessage;
import dev.handoff.store.ConversationStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks providers about messages of which they have reported nothing for long. A process that dies between the claim and the
 * answer has asked in vain: the next time is twice as late.
 */
final class SilenceBreaker {
    private static final Logger log = LoggerFactory.getLogger(SilenceBreaker.class);
    private static final int AT_ONCE = 20;

    /** Twilio advises to ask after twelve hours without a final status. */
    private static final Duration SILENCE = Duration.ofHours(12);

    private final ConversationStore store;
    private final Map<String, Channel> channels;

    SilenceBreaker(ConversationStore store, Map<String, Channel> channels) {
        this.store = store;
        this.channels = channels;
    }

    /** Asks about some of what is due; returns about how many. */
    int ask() {
        List<SilentMessage> silent = store.claimSilent(AT_ONCE, SILENCE);
        silent.forEach(this::ask);
        return silent.size();
    }

    private void ask(SilentMessage message) {
        Channel channel = channels.get(message.address().channel());
        if (channel == null) {
            log.debug("no channel of this process can be asked about {}", message.id());
            return;
        }
        try {
            channel.reportOn(message).ifPresent(store::recordDelivery);
        } catch (RuntimeException unanswered) {
            log.warn(
                    "channel {} could not say how far {} has come; it is asked once more later",
                    channel.name(),
                    message.id(),
                    unanswered);
        }
    }
}
