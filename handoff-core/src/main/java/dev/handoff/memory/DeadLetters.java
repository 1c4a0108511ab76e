package dev.handoff.memory;

import dev.handoff.model.Actor;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.store.Outbox;
import dev.handoff.store.Outbox.RetryDecision;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** Messages that failed for good, unless an operator says otherwise. Guarded by the store's lock. */
final class DeadLetters {
    private final OutboxLines lines;

    DeadLetters(OutboxLines lines) {
        this.lines = lines;
    }

    List<Message> latest(String tenant, int limit) {
        return lines.all()
                .filter(row -> row.isDeadLetter() && row.address.tenant().equals(tenant))
                .sorted(Comparator.comparing((OutboxRow row) -> row.failedAt).reversed())
                .limit(Math.max(0, limit))
                .map(OutboxRow::seen)
                .toList();
    }

    boolean drop(MessageId id, Actor actor, Instant now) {
        OutboxRow row = lines.find(id);
        if (row == null || !row.isDeadLetter()) {
            return false;
        }
        lines.changeQuietly(row, it -> {
            it.failedAt = Instant.MIN;
            it.error = Outbox.dropped(it.error);
        });
        lines.tell(row, actor, now);
        return true;
    }

    RetryDecision retry(MessageId id, Actor actor, Instant now) {
        OutboxRow row = lines.find(id);
        if (row == null) {
            return RetryDecision.NOT_FOUND;
        }
        if (row.state != OutboxRow.State.FAILED) {
            return RetryDecision.NOT_DEAD;
        }
        if (row.fenced) {
            return RetryDecision.SUPPRESSED;
        }
        lines.change(row, actor, now, it -> {
            it.state = OutboxRow.State.QUEUED;
            it.rank = 0;
            it.attempts = 0;
            it.lookUps = 0;
            it.attempt = null;
            it.queuedAt = now;
            it.due = now;
            it.providerMessageId = null;
            it.error = null;
        });
        return RetryDecision.QUEUED;
    }
}
