package dev.handoff.memory;

import dev.handoff.store.BotLease;
import dev.handoff.store.BotWork;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** Whose turn it is for the bot to answer, and who is at it. Guarded by the store's lock. */
final class BotTurns {
    private final Conversations conversations;

    /** Conversations in which the bot owes an answer, by their last change: those that waited longest come first. */
    private final DueIndex<ConversationRow> owing = new DueIndex<>();

    BotTurns(Conversations conversations) {
        this.conversations = conversations;
    }

    List<BotWork> claim(int limit, Duration lease, Instant now) {
        return owing.inOrder()
                .filter(row -> !row.botClaimableFrom.isAfter(now))
                .limit(Math.max(0, limit))
                .map(row -> {
                    UUID token = UUID.randomUUID();
                    row.botClaim = token;
                    row.botClaimableFrom = now.plus(lease);
                    return new BotWork(row.conversation, token, ++row.botAttempts);
                })
                .toList();
    }

    void renew(Collection<BotWork> turns, Duration lease, Instant now) {
        for (BotWork turn : turns) {
            ConversationRow row = conversations.find(turn.conversation().id());
            if (row != null && turn.token().equals(row.botClaim) && row.botClaimableFrom.isAfter(now)) {
                row.botClaimableFrom = now.plus(lease);
            }
        }
    }

    void committed(ConversationRow row, boolean controlChanged, BotLease lease, Instant now) {
        if (controlChanged) {
            end(row);
        } else if (lease instanceof BotLease.End end && end.token().equals(row.botClaim)) {
            end(row);
        } else if (lease instanceof BotLease.RetryAfter retry && retry.token().equals(row.botClaim)) {
            row.botClaim = null;
            row.botClaimableFrom = now.plus(retry.delay());
        }
        if (row.conversation.owesBotTurn()) {
            owing.put(row, row.conversation.updatedAt());
        } else {
            owing.remove(row);
        }
    }

    private static void end(ConversationRow row) {
        row.botClaim = null;
        row.botClaimableFrom = Instant.MIN;
        row.botAttempts = 0;
    }
}
