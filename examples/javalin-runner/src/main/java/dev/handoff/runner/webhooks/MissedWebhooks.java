package dev.handoff.runner.webhooks;

import dev.handoff.Handoff;
import dev.handoff.ReceiveResult;
import dev.handoff.channel.InboundMessage;
import dev.handoff.twilio.MissedMessages;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes in, from time to time, what customers wrote while no webhook was answered. Every process may do it: what one of them
 * has stored is a duplicate for the others.
 */
public final class MissedWebhooks implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MissedWebhooks.class);

    /** How far back the first look goes: longer than this nobody should have been down unnoticed. */
    private static final Duration AT_FIRST = Duration.ofHours(6);

    /** A webhook knows more of a message than the list does, and comes within seconds. */
    private static final Duration LEFT_TO_WEBHOOKS = Duration.ofMinutes(1);

    /** Looks overlap by this: Twilio's clock is not ours, and its list may be behind. */
    private static final Duration OVERLAP = Duration.ofMinutes(10);

    private final MissedMessages twilio;
    private final Handoff handoff;
    private final String inbox;
    private final Duration interval;
    private final InstantSource time;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread looking = new Thread(work, "missed-webhooks");
        looking.setDaemon(true);
        return looking;
    });
    private @Nullable Instant since; // of the one thread

    public MissedWebhooks(MissedMessages twilio, Handoff handoff, String inbox, Duration interval, InstantSource time) {
        this.twilio = twilio;
        this.handoff = handoff;
        this.inbox = inbox;
        this.interval = interval;
        this.time = time;
    }

    /** Begins to look; the store must be ready. */
    public void start() {
        thread.scheduleWithFixedDelay(this::lookOrSayWhyNot, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void lookOrSayWhyNot() {
        try {
            look();
        } catch (RuntimeException e) {
            log.warn("What was missed at {} is not known yet; asking again later", inbox, e);
        }
    }

    /**
     * Goes on from where the last look that stored everything ended, however long ago that was. A message that cannot be
     * stored keeps the next look from going on, but not its neighbours from being stored.
     */
    private void look() {
        Instant until = time.instant().minus(LEFT_TO_WEBHOOKS);
        Instant from = since != null ? since : until.minus(AT_FIRST);
        boolean complete = true;
        for (InboundMessage message : twilio.receivedAt(inbox, from, until)) {
            if (thread.isShutdown()) {
                return;
            }
            complete &= isStored(message);
        }
        if (complete) {
            since = until.minus(OVERLAP);
        }
    }

    private boolean isStored(InboundMessage message) {
        try {
            if (handoff.receive(message) instanceof ReceiveResult.Stored stored) {
                log.warn(
                        "{} came by no webhook, and is stored as {} now",
                        message.providerMessageId(),
                        stored.message());
            }
            return true;
        } catch (RuntimeException e) {
            log.warn("{} came by no webhook, and could not be stored; trying again", message.providerMessageId(), e);
            return false;
        }
    }

    /** Without an interrupt: H2 closes its file under whoever is interrupted at it. What is under way comes to its end. */
    @Override
    public void close() {
        thread.shutdown();
    }
}
