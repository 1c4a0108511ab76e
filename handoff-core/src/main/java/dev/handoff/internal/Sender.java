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
import dev.handoff.store.PermitRequest;
import dev.handoff.store.SenderContact;
import dev.handoff.store.SenderHealth;
import dev.handoff.store.SenderId;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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

    /** What is late on its way to the provider must not arrive among too many. */
    private static final double OF_THE_RATE = 0.97;

    private final ConversationStore store;
    private final Map<String, Channel> channels;
    private final OutboundSettings settings;
    private final Backoff backoff;
    private final Waiting waiting;
    private final Supplier<ExecutorService> threads;
    private final Results results;
    private final Slots slots;
    private final Duration senderInterval;
    private final Duration recipientInterval;

    /** Held while permits are claimed: of two who counted the same free slots, each would take them all. */
    private final Lock claiming;

    Sender(
            ConversationStore store,
            Map<String, Channel> channels,
            OutboundSettings settings,
            Backoff backoff,
            Waiting waiting,
            Supplier<ExecutorService> threads,
            Runnable whenRecorded) {
        this.store = store;
        this.channels = channels;
        this.settings = settings;
        this.backoff = backoff;
        this.waiting = waiting;
        this.threads = threads;
        this.results = new Results(store, waiting, whenRecorded);
        this.slots = new Slots(settings.concurrency());
        this.senderInterval = interval(settings.senderRate() * OF_THE_RATE);
        this.recipientInterval = interval(settings.recipientRate());
        this.claiming = waiting.lock();
    }

    /** In the microseconds in which stores count, rather too long than too short; none where it would be less than one. */
    private static Duration interval(double perSecond) {
        double micros = TimeUnit.SECONDS.toMicros(1) / perSecond;
        return micros < 1 ? Duration.ZERO : Duration.of((long) Math.ceil(micros), ChronoUnit.MICROS);
    }

    /** Takes no more permits than there are free slots, and begins to send; {@code whenOneEnds} runs as each ends. */
    List<CountDownLatch> begin(Runnable whenOneEnds) {
        List<CountDownLatch> begun = new ArrayList<>();
        claiming.lock();
        try {
            int free = slots.free();
            if (free > 0) {
                long asked = waiting.nanoTime();
                List<OutboundPermit> permits = store.claimPermits(new PermitRequest(
                        free, slots.perSender(), slots.busy(), senderInterval, recipientInterval, settings.lease()));
                long given = waiting.nanoTime();
                long until = asked + settings.permitFor().toNanos();
                for (OutboundPermit permit : permits) {
                    begun.add(begin(permit, given + permit.beginIn().toNanos(), until, whenOneEnds));
                }
            }
        } finally {
            claiming.unlock();
        }
        return begun;
    }

    private CountDownLatch begin(OutboundPermit permit, long from, long until, Runnable whenEnded) {
        SenderId sender = SenderId.of(permit.message().address());
        CountDownLatch ended = new CountDownLatch(1);
        Runnable send = () -> {
            try {
                attempt(permit, from, until);
            } catch (RuntimeException lost) {
                log.warn(
                        "the result of attempt {} of message {} was not kept; its lease will run out",
                        permit.message().attempt(),
                        permit.message().id(),
                        lost);
            } finally {
                slots.giveBack(sender);
                ended.countDown();
                whenEnded.run();
            }
        };
        slots.take(sender);
        try {
            threads.get().execute(send);
        } catch (RejectedExecutionException closing) {
            log.debug(
                    "message {} is left to another node: this one closes",
                    permit.message().id());
            slots.giveBack(sender);
            ended.countDown();
        } catch (Error noThread) {
            slots.giveBack(sender);
            throw noThread;
        }
        return ended;
    }

    private void attempt(OutboundPermit permit, long from, long until) {
        OutboundMessage message = permit.message();
        Channel channel = channels.get(message.address().channel());
        Optional<Verdict> unsent = withoutSending(channel, permit);
        if (unsent.isEmpty()) {
            await(from, until);
            unsent = tooLate(until);
        }
        if (channel == null || unsent.isPresent()) {
            keep(permit, unsent.orElseThrow(), untried(permit));
        } else {
            SendResult result = send(channel, message);
            keep(permit, verdict(permit, result), contact(permit, result));
        }
    }

    private void keep(OutboundPermit permit, Verdict verdict, @Nullable SenderContact contact) {
        OutboundMessage message = permit.message();
        results.add(new AttemptResult(message.id(), message.attemptToken(), verdict), contact);
    }

    private Optional<Verdict> withoutSending(@Nullable Channel channel, OutboundPermit permit) {
        OutboundMessage message = permit.message();
        // Asked here, where every attempt passes: the first after an outage, and one more after an unknown outcome.
        if (message.attemptedAt().isAfter(permit.queuedAt().plus(settings.timeBudget()))) {
            return Optional.of(new Verdict.Dead("given up: it could not be sent within " + settings.timeBudget()));
        }
        if (channel == null) {
            // Another process may have it: during a rolling deployment that adds a channel, this one has not.
            log.warn(
                    "message {} is for channel {}, which this process does not have",
                    message.id(),
                    message.address().channel());
            return Optional.of(new Verdict.Again(
                    ANOTHER_PROCESS, "no channel is named '" + message.address().channel() + "' here", false));
        }
        return outlivedTheWindow(channel, permit)
                .map(tooLate -> new Verdict.Dead("needs an approved template: " + tooLate));
    }

    /** An open circuit gives one permit at a time, and rests then: if nothing came of it, the next may try at once. */
    private static @Nullable SenderContact untried(OutboundPermit permit) {
        return permit.health() == SenderHealth.UNREACHABLE
                ? new SenderContact(SenderId.of(permit.message().address()), SenderContact.Kind.UNTRIED)
                : null;
    }

    private Optional<Verdict> tooLate(long until) {
        if (Thread.currentThread().isInterrupted()) {
            return Optional.of(new Verdict.Again(Duration.ZERO, "the process closed before the send began", false));
        }
        if (waiting.nanoTime() - until >= 0) {
            return Optional.of(new Verdict.Again(Duration.ZERO, "the permit ran out before the send began", false));
        }
        return Optional.empty();
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

    /** What an attempt says of its sender; null for an answer where the sender was well when the permit was given. */
    private static @Nullable SenderContact contact(OutboundPermit permit, SendResult result) {
        SenderContact.Kind kind = SenderContact.Kind.ANSWERED;
        if (result instanceof SendResult.Unknown || result instanceof SendResult.Unreachable) {
            kind = SenderContact.Kind.FAILED;
        } else if (result instanceof SendResult.Retry retry && retry.slowSender()) {
            kind = SenderContact.Kind.SLOWED;
        } else if (result instanceof SendResult.Permanent permanent && permanent.wholeSender()) {
            kind = SenderContact.Kind.REFUSED;
        }
        return kind == SenderContact.Kind.ANSWERED && permit.health() == SenderHealth.WELL
                ? null
                : new SenderContact(SenderId.of(permit.message().address()), kind);
    }

    private Verdict verdict(OutboundPermit permit, SendResult result) {
        OutboundMessage message = permit.message();
        if (result instanceof SendResult.Sent sent) {
            return new Verdict.Sent(sent.providerMessageId());
        } else if (result instanceof SendResult.Retry retry) {
            return again(permit, retry.reason(), retry.after(), true);
        } else if (result instanceof SendResult.Unreachable unreachable) {
            return again(permit, unreachable.reason(), null, permit.health() != SenderHealth.UNREACHABLE);
        } else if (result instanceof SendResult.Permanent permanent) {
            boolean triesForAll = permanent.wholeSender() && permit.health() == SenderHealth.UNREACHABLE;
            return triesForAll ? again(permit, permanent.reason(), null, false) : new Verdict.Dead(permanent.reason());
        } else if (result instanceof SendResult.NeedsTemplate template) {
            return new Verdict.Dead("needs an approved template: " + template.reason());
        } else if (result instanceof SendResult.Unknown unknown) {
            return new Verdict.Unknown(unknown.reason(), settings.unknownWait());
        }
        throw new IllegalStateException("no verdict on " + result + " of " + message.id());
    }

    private Verdict again(OutboundPermit permit, String reason, @Nullable Duration after, boolean counts) {
        OutboundMessage message = permit.message();
        if (counts && message.attempt() >= settings.maxAttempts()) {
            return new Verdict.Dead("given up after " + message.attempt() + " attempts: " + reason);
        }
        Duration wait = after != null ? after : backoff.after(message.attempt());
        if (message.attemptedAt().plus(wait).isAfter(permit.queuedAt().plus(settings.timeBudget()))) {
            return new Verdict.Dead("given up after " + settings.timeBudget() + ": " + reason);
        }
        return new Verdict.Again(wait, reason, counts);
    }

    /** Until the moment that the pace allows, but no longer than the permit lasts. */
    private void await(long from, long until) {
        long end = from - until < 0 ? from : until;
        for (long left = end - waiting.nanoTime();
                left > 0 && !Thread.currentThread().isInterrupted();
                left = end - waiting.nanoTime()) {
            waiting.parkNanos(this, left);
        }
    }
}
