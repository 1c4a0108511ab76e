package dev.handoff.jdbi;

import dev.handoff.channel.SilentMessage;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.MessageId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Messages that were sent, and of which no report has said how it ended. How often their provider was asked is counted where
 * look-ups were, which are over once a message is sent; the count is what a claim compares and sets.
 */
final class SilentMessages {
    private static final int MOST_POLLS = 3;
    private static final Duration GRACE = Duration.ofDays(1);

    private static final String FIND = """
            SELECT o.tenant, o.conversation, o.seq, o.channel, o.inbox, o.customer, o.provider_id, o.look_ups
            FROM ${p}outbox o
            WHERE o.attempted_at BETWEEN :never AND :once AND o.state = 'SENT' AND o.delivery_rank < 5
                AND o.provider_id IS NOT NULL
                AND (o.look_ups = 0 OR o.look_ups = 1 AND o.attempted_at <= :twice
                    OR o.look_ups = 2 AND o.attempted_at <= :thrice)
            LIMIT ${limit}
            """;

    private static final String CLAIM = """
            UPDATE ${p}outbox SET look_ups = :look_ups + 1
            WHERE tenant = :tenant AND conversation = :conversation AND seq = :seq AND state = 'SENT'
                AND delivery_rank < 5 AND look_ups = :look_ups
            """;

    private record Found(SilentMessage message, int polls) {}

    private static final Shape<Found> CLAIMED =
            OutboxRows.KEY.of((Found found) -> found.message().id()).integer("look_ups", Found::polls);

    private final Transactions transactions;
    private final Sql sql;

    SilentMessages(Transactions transactions, Sql sql) {
        this.transactions = transactions;
        this.sql = sql;
    }

    List<SilentMessage> claim(int limit, Duration silence) {
        List<Found> found = transactions.autocommit(handle -> find(handle, limit, silence));
        // Each by itself: two nodes that find the same ones wait for each other no longer than for one.
        return found.stream()
                .filter(one -> transactions.inTransaction(handle ->
                        sql.bind(sql.update(handle, CLAIM), CLAIMED, one).execute() == 1))
                .map(Found::message)
                .toList();
    }

    private List<Found> find(Handle handle, int limit, Duration silence) {
        Instant now = sql.now(handle);
        var query = Sql.time(sql.query(handle, FIND, limit), "once", now.minus(silence));
        Sql.time(query, "twice", now.minus(silence.multipliedBy(2)));
        Sql.time(query, "thrice", now.minus(silence.multipliedBy(4)));
        // What nobody asked about by then, because nobody ran, is not asked about any more: or all history would be
        // read.
        Sql.time(
                query,
                "never",
                now.minus(silence.multipliedBy(1L << MOST_POLLS)).minus(GRACE));
        return query.map((row, context) -> new Found(read(row), row.getInt("look_ups")))
                .list();
    }

    private static SilentMessage read(ResultSet row) throws SQLException {
        MessageId id = MessageRows.id(row);
        return new SilentMessage(
                id,
                new ConversationAddress(
                        id.conversation().tenant(),
                        Columns.text(row, "channel"),
                        Columns.text(row, "inbox"),
                        Columns.text(row, "customer")),
                Columns.text(row, "provider_id"));
    }
}
