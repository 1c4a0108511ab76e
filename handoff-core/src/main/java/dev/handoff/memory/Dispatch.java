package dev.handoff.memory;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.SilentMessage;
import dev.handoff.model.Actor;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.AttemptResult.Verdict;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.SenderContact;
import dev.handoff.store.SenderHealth;
import dev.handoff.store.SenderState;
import dev.handoff.store.SenderState.Turn;
import dev.handoff.store.UnresolvedAttempt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** Permits to send, and what came of them. Guarded by the store's lock. */
final class Dispatch {
    private final OutboxLines lines;
    private final Attempts attempts;

    Dispatch(OutboxLines lines, Attempts attempts) {
        this.lines = lines;
        this.attempts = attempts;
    }

    List<OutboundPermit> claimPermits(PermitRequest request, Instant now) {
        List<OutboundPermit> permits = new ArrayList<>();
        for (SenderQueue sender : lines.sendersWaiting(now)) {
            Turn turn = request.turn(sender.id, sender.state, now, request.limit() - permits.size());
            permits.addAll(give(sender, turn, request, now));
        }
        return permits;
    }

    private List<OutboundPermit> give(SenderQueue sender, Turn turn, PermitRequest request, Instant now) {
        Instant ahead = now.plus(SenderState.AHEAD);
        // Those who may be written to already go first, or one who may not would hold up the others.
        List<Line> ready = sender
                .dueBy(
                        now,
                        line -> !request.mayBeWrittenToAt(line.lastAttemptAt, now)
                                .isAfter(ahead),
                        turn.room())
                .stream()
                .sorted(Comparator.comparing(line -> request.mayBeWrittenToAt(line.lastAttemptAt, now)))
                .toList();
        if (ready.isEmpty()) {
            return List.of();
        }
        List<Instant> begins = turn.begins(ready.stream()
                .map(line -> request.mayBeWrittenToAt(line.lastAttemptAt, now))
                .toList());
        SenderHealth health = sender.state.health();
        List<OutboundPermit> permits = new ArrayList<>();
        for (int i = 0; i < begins.size(); i++) {
            permits.add(give(ready.get(i), begins.get(i), health, request.lease(), now));
        }
        sender.state = sender.state.gave(now, begins.get(begins.size() - 1), turn.interval());
        sender.servedAt = now;
        return permits;
    }

    private OutboundPermit give(Line line, Instant begin, SenderHealth health, Duration lease, Instant now) {
        OutboxRow row = line.head();
        attempts.begin(row, begin);
        line.lastAttemptAt = begin;
        lines.changeQuietly(row, it -> {
            it.state = OutboxRow.State.DISPATCHING;
            it.leaseUntil = now.plus(lease);
        });
        return new OutboundPermit(row.presentAttempt(), row.queuedAt, Duration.between(now, begin), health);
    }

    void record(SenderContact contact, Instant now) {
        SenderQueue sender = lines.sender(contact.sender());
        sender.state = sender.state.after(contact.kind(), now);
    }

    void record(AttemptResult result, Instant now) {
        OutboxRow row = lines.find(result.id());
        if (row == null || !row.isPresentAttempt(result.token())) {
            return;
        }
        Attempt attempt = Objects.requireNonNull(row.attempt);
        Verdict verdict = result.verdict();
        if (verdict instanceof Verdict.Found found) {
            verdict = attempts.belongsToAnother(attempt, found.providerMessageId())
                    ? new Verdict.Unclear("what was found is another message", Duration.ZERO)
                    : new Verdict.Sent(found.providerMessageId());
        }
        if (verdict instanceof Verdict.Sent sent) {
            attempts.bind(attempt, sent.providerMessageId());
        }
        boolean settled = row.state != OutboxRow.State.DISPATCHING && row.state != OutboxRow.State.UNKNOWN;
        // Sent is the truth, even where look-ups found nothing and the message was queued again, suppressed or given
        // up; but what the provider said later, that it failed, is the truth of today.
        boolean sentAfterAll = verdict instanceof Verdict.Sent && row.state != OutboxRow.State.SENT && !attempt.failed;
        if (settled && !sentAfterAll) {
            // A callback was faster. All that is left to learn is what the provider calls the message.
            if (row.providerMessageId == null && row.state != OutboxRow.State.QUEUED) {
                row.providerMessageId = attempt.providerMessageId;
            }
            return;
        }
        Verdict decided = verdict;
        lines.change(row, OutboxLines.provider(row), now, it -> apply(it, decided, now));
    }

    private static void apply(OutboxRow row, Verdict verdict, Instant now) {
        if (verdict instanceof Verdict.Sent sent) {
            row.state = OutboxRow.State.SENT;
            row.rank = Math.max(row.rank, DeliveryStatus.ACCEPTED.rank());
            row.providerMessageId = sent.providerMessageId();
            row.error = null;
        } else if (verdict instanceof Verdict.Again again) {
            row.state = row.fenced ? OutboxRow.State.SUPPRESSED : OutboxRow.State.QUEUED;
            row.due = now.plus(again.delay());
            row.lookUps = 0;
            row.error = again.reason();
            if (!again.countsAsAttempt()) {
                row.attempts--;
            }
        } else if (verdict instanceof Verdict.Dead dead) {
            row.state = OutboxRow.State.FAILED;
            row.failedAt = now;
            row.error = dead.reason();
        } else if (verdict instanceof Verdict.Unknown unknown) {
            row.state = OutboxRow.State.UNKNOWN;
            row.lookUps = 0;
            row.due = now.plus(unknown.lookUpIn());
            row.error = unknown.reason();
        } else if (verdict instanceof Verdict.NotFound notFound) {
            row.state = OutboxRow.State.UNKNOWN;
            row.lookUps = notFound.lookUp() == row.lookUps + 1 ? notFound.lookUp() : row.lookUps;
            row.due = now.plus(notFound.lookUpIn());
            row.error = notFound.reason();
        } else if (verdict instanceof Verdict.Unclear unclear) {
            row.state = OutboxRow.State.UNKNOWN;
            row.due = now.plus(unclear.lookUpIn());
            row.error = unclear.reason();
        }
    }

    List<SilentMessage> claimSilent(int limit, Duration silence, Instant now) {
        return lines.all()
                .filter(row -> row.isSilentFor(silence, now))
                .limit(Math.max(0, limit))
                .map(row -> {
                    row.lookUps++;
                    return new SilentMessage(
                            row.message.id(), row.address, Objects.requireNonNull(row.providerMessageId));
                })
                .toList();
    }

    int expireLeases(int limit, Instant now) {
        List<OutboxRow> expired = lines.leasesOverBy(now, limit);
        for (OutboxRow row : expired) {
            lines.change(row, new Actor.Clock(), now, it -> {
                it.state = OutboxRow.State.UNKNOWN;
                it.due = now;
                it.error = "the attempt's lease ran out without a result";
            });
        }
        return expired.size();
    }

    List<UnresolvedAttempt> claimUnresolved(int limit, Duration lease, Instant now) {
        return lines.unresolvedBy(now, limit).stream()
                .map(row -> {
                    lines.changeQuietly(row, it -> it.due = now.plus(lease));
                    return new UnresolvedAttempt(
                            row.presentAttempt(),
                            row.lookUps,
                            attempts.boundElsewhere(Objects.requireNonNull(row.attempt)));
                })
                .toList();
    }
}
