package dev.handoff.memory;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What providers report, in any order and repeated. A report names an attempt; what it proves, it proves of the message:
 * an attempt that was sent settles the message even when it is not the latest, but one that failed says nothing of the
 * attempts after it. Guarded by the store's lock.
 */
final class DeliveryReports {
    private final OutboxLines lines;
    private final Attempts attempts;

    DeliveryReports(OutboxLines lines, Attempts attempts) {
        this.lines = lines;
        this.attempts = attempts;
    }

    boolean record(DeliveryUpdate update, Instant now) {
        Attempt attempt = find(update);
        if (attempt == null) {
            return false;
        }
        attempts.bind(attempt, update.providerMessageId());
        OutboxRow row = attempt.row;
        lines.change(row, OutboxLines.provider(row), now, it -> {
            if (update.status() == DeliveryStatus.FAILED) {
                failed(attempt, it, update.error(), now);
            } else {
                came(attempt, it, update.status());
            }
        });
        return true;
    }

    private @Nullable Attempt find(DeliveryUpdate update) {
        Attempt byToken = update.attemptToken() == null ? null : attempts.find(update.tenant(), update.attemptToken());
        return byToken != null ? byToken : attempts.find(update.tenant(), update.channel(), update.providerMessageId());
    }

    private static void failed(Attempt attempt, OutboxRow row, @Nullable String error, Instant now) {
        boolean repeated = attempt.failed;
        attempt.failed = true;
        // A later report of what an operator has dropped is nothing new to decide on.
        boolean dropped = row.state == OutboxRow.State.FAILED && !row.isDeadLetter();
        if (repeated || dropped || row.attempt != attempt) {
            return;
        }
        row.error = error;
        if (row.providerMessageId == null) {
            row.providerMessageId = attempt.providerMessageId;
        }
        if (!row.wasDelivered() && row.state != OutboxRow.State.SUPPRESSED) {
            row.state = OutboxRow.State.FAILED;
            row.failedAt = now;
        }
    }

    private static void came(Attempt attempt, OutboxRow row, DeliveryStatus status) {
        if (attempt.failed && status.rank() < DeliveryStatus.DELIVERED.rank()) {
            return;
        }
        row.rank = Math.max(row.rank, status.rank());
        if (row.state != OutboxRow.State.SENT) {
            row.state = OutboxRow.State.SENT;
            row.providerMessageId = attempt.providerMessageId;
            row.error = null;
        } else if (row.providerMessageId == null) {
            row.providerMessageId = attempt.providerMessageId;
        }
    }
}
