package dev.handoff.memory;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.model.Actor;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.AttemptResult.Verdict;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.UnresolvedAttempt;
import java.time.Duration;
import java.time.Instant;
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

    List<OutboundPermit> claimPermits(int limit, Duration lease, Instant now) {
        return lines.sendableBy(now, limit).stream()
                .map(row -> {
                    attempts.begin(row, now);
                    lines.changeQuietly(row, it -> {
                        it.state = OutboxRow.State.DISPATCHING;
                        it.leaseUntil = now.plus(lease);
                    });
                    return new OutboundPermit(row.presentAttempt(), row.queuedAt);
                })
                .toList();
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
        // That it was sent is the truth, even where look-ups found nothing and the message was queued again, suppressed
        // or
        // given up for that; but what the provider said later, that it failed, is the truth of today.
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
