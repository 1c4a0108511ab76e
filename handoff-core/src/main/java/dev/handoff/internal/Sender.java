package dev.handoff.internal;

import dev.handoff.channel.Channel;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Conversation;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.AttemptResult.Verdict;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.OutboundPermit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what has a permit. The permit is a commit that came before; no connection and no lock is held while the channel
 * works. A send begins only within its permit's time, counted on this process's monotonic clock from before the permit
 * was asked for, so a process that was paused does not send late. If the process dies between permit and result, the
 * lease runs out and the outcome counts as unknown: it is looked up before anything is sent again.
 */
final class Sender {
    private static final Logger log = LoggerFactory.getLogger(Sender.class);

    private static final Duration ANOTHER_PROCESS = Duration.ofSeconds(5);
    private static final Duration HARDLY_WAITED = Duration.ofMinutes(1);

    private final ConversationStore store;
    private final Map<String, Channel> channels;
    private final OutboundSettings settings;
    private final Backoff backoff;
    private final Pace pace;
    private final Circuits circuits;
    private final Waiting waiting;
    private final Supplier<ExecutorService> threads;
    private final Results results;
    private final Semaphore slots;

    Sender(
            ConversationStore store,
            Map<String, Channel> channels,
            OutboundSettings settings,
            Backoff backoff,
            Pace pace,
            Circuits circuits,
            Waiting waiting,
            Supplier<ExecutorService> threads,
            Runnable whenRecorded) {
        this.store = store;
        this.channels = channels;
        this.settings = settings;
        this.backoff = backoff;
        this.pace = pace;
        this.circuits = circuits;
        this.waiting = waiting;
        this.threads = threads;
        this.results = new Results(store, waiting, whenRecorded);
        this.slots = new Semaphore(settings.concurrency());
    }

    /** Takes no more permits than there are free slots, and begins to send; {@code whenOneEnds} runs as each ends. */
    List<CountDownLatch> begin(Runnable whenOneEnds) {
        int free = slots.drainPermits();
        List<CountDownLatch> begun = new ArrayList<>();
        try {
            if (free > 0) {
                long asked = waiting.nanoTime();
                List<OutboundPermit> permits = store.claimPermits(free, settings.permitFor(), settings.lease());
                for (OutboundPermit permit : permits) {
                    free--;
                    begun.add(begin(permit, asked + settings.permitFor().toNanos(), whenOneEnds));
                }
            }
        } finally {
            slots.release(free);
        }
        return begun;
    }

    private CountDownLatch begin(OutboundPermit permit, long until, Runnable whenEnded) {
        CountDownLatch ended = new CountDownLatch(1);
        Runnable send = () -> {
            try {
                OutboundMessage message = permit.message();
                results.add(new AttemptResult(message.id(), message.attemptToken(), attempt(permit, until)));
            } catch (RuntimeException lost) {
                log.warn(
                        "the result of attempt {} of message {} was not kept; its lease will run out",
                        permit.message().attempt(),
                        permit.message().id(),
                        lost);
            } finally {
                slots.release();
                ended.countDown();
                whenEnded.run();
            }
        };
        try {
            threads.get().execute(send);
        } catch (RejectedExecutionException closing) {
            log.debug(
                    "message {} is left to another node: this one closes",
                    permit.message().id());
            slots.release();
            ended.countDown();
        } catch (Error noThread) {
            slots.release();
            throw noThread;
        }
        return ended;
    }

    private Verdict attempt(OutboundPermit permit, long until) {
        OutboundMessage message = permit.message();
        // Asked here, where every attempt passes: the first after an outage, and one more after an unknown outcome.
        if (message.attemptedAt().isAfter(permit.queuedAt().plus(settings.timeBudget()))) {
            return new Verdict.Dead("given up: it could not be sent within " + settings.timeBudget());
        }
        Channel channel = channels.get(message.address().channel());
        if (channel == null) {
            // Another process may have it: during a rolling deployment that adds a channel, this one has not.
            log.warn(
                    "message {} is for channel {}, which this process does not have",
                    message.id(),
                    message.address().channel());
            return new Verdict.Again(
                    ANOTHER_PROCESS, "no channel is named '" + message.address().channel() + "' here", false);
        }
        Optional<String> tooLate = outlivedTheWindow(channel, permit);
        if (tooLate.isPresent()) {
            return new Verdict.Dead("needs an approved template: " + tooLate.get());
        }
        long outage = circuits.reserve(message.address(), waiting.nanoTime());
        if (outage > 0) {
            return new Verdict.Again(
                    Duration.ofNanos(outage), "the provider could not be reached lately; it is tried again", false);
        }
        long wait = pace.reserve(message.address(), waiting.nanoTime());
        if (waiting.nanoTime() + wait - until >= 0) {
            pace.giveBack(message.address());
            return new Verdict.Again(Duration.ofNanos(Math.max(0, wait)), "the pace allows no more now", false);
        }
        await(wait);
        if (Thread.currentThread().isInterrupted()) {
            return new Verdict.Again(Duration.ZERO, "the process closed before the send began", false);
        }
        if (waiting.nanoTime() - until >= 0) {
            return new Verdict.Again(Duration.ZERO, "the permit ran out before the send began", false);
        }
        return verdict(permit, send(channel, message));
    }

    /**
     * Free text that was queued while the channel took it, and waited for too long, would be accepted and fail hours later.
     * What has hardly waited was looked at when it was queued; the library's own notices never were.
     */
    private Optional<String> outlivedTheWindow(Channel channel, OutboundPermit permit) {
        OutboundMessage message = permit.message();
        boolean wasLookedAt = message.owner() != MessageOwner.SYSTEM
                && message.attemptedAt().isBefore(permit.queuedAt().plus(HARDLY_WAITED));
        if (wasLookedAt || message.content().template() != null) {
            return Optional.empty();
        }
        return channel.sessionWindow(message.address())
                .flatMap(window -> store.conversation(message.id().conversation())
                        .map(Conversation::lastInboundAt)
                        .map(lastInboundAt -> lastInboundAt.plus(window)))
                .filter(closedAt -> !message.attemptedAt().isBefore(closedAt))
                .map(closedAt -> "the channel's session window closed at " + closedAt);
    }

    private static SendResult send(Channel channel, OutboundMessage message) {
        try {
            return channel.send(message);
        } catch (RuntimeException unclear) {
            log.warn(
                    "channel {} threw on message {} attempt {}: nobody can tell whether it was sent",
                    channel.name(),
                    message.id(),
                    message.attempt(),
                    unclear);
            return new SendResult.Unknown(unclear.toString());
        }
    }

    private Verdict verdict(OutboundPermit permit, SendResult result) {
        OutboundMessage message = permit.message();
        boolean unreachable = result instanceof SendResult.Unknown
                || (result instanceof SendResult.Retry retry && !retry.slowSender());
        if (unreachable) {
            circuits.failed(message.address(), waiting.nanoTime());
        } else {
            circuits.answered(message.address());
        }
        if (result instanceof SendResult.Sent sent) {
            return new Verdict.Sent(sent.providerMessageId());
        } else if (result instanceof SendResult.Retry retry) {
            if (retry.slowSender()) {
                pace.slow(message.address(), waiting.nanoTime());
            }
            return again(permit, retry);
        } else if (result instanceof SendResult.Permanent permanent) {
            return new Verdict.Dead(permanent.reason());
        } else if (result instanceof SendResult.NeedsTemplate template) {
            return new Verdict.Dead("needs an approved template: " + template.reason());
        } else if (result instanceof SendResult.Unknown unknown) {
            return new Verdict.Unknown(unknown.reason(), settings.unknownWait());
        }
        throw new IllegalStateException("no verdict on " + result);
    }

    private Verdict again(OutboundPermit permit, SendResult.Retry retry) {
        OutboundMessage message = permit.message();
        boolean counts = !circuits.isOpen(message.address());
        if (counts && message.attempt() >= settings.maxAttempts()) {
            return new Verdict.Dead("given up after " + message.attempt() + " attempts: " + retry.reason());
        }
        Duration wait = retry.after() != null ? retry.after() : backoff.after(message.attempt());
        if (message.attemptedAt().plus(wait).isAfter(permit.queuedAt().plus(settings.timeBudget()))) {
            return new Verdict.Dead("given up after " + settings.timeBudget() + ": " + retry.reason());
        }
        return new Verdict.Again(wait, retry.reason(), counts);
    }

    private void await(long nanos) {
        long end = waiting.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !Thread.currentThread().isInterrupted(); left = end - waiting.nanoTime()) {
            waiting.parkNanos(this, left);
        }
    }
}
