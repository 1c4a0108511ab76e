package dev.handoff.jdbi;

import dev.handoff.store.BotWork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * Claims of the bot's turns. That a turn is owed is a condition of the conversation, not an entry in a queue: it holds
 * until an answer is committed, so a process that dies with a claim only delays it until the lease is over.
 */
final class BotTurns {
    private static final String OWED = """
            c.status = 'PROGRESS' AND c.answered_seq < c.inbound_seq
                AND (c.bot_lease_until IS NULL OR c.bot_lease_until <= ${now})
                AND (c.bot_not_before IS NULL OR c.bot_not_before <= ${now})
            """;

    /** The rows are locked, and the condition is looked at again under the lock, before they are claimed. */
    private static final String CLAIM_POSTGRES =
            """
            WITH t AS MATERIALIZED (SELECT clock_timestamp() AS now),
            owed AS MATERIALIZED (
                SELECT c.tenant, c.id FROM ${p}conversation c
                WHERE ${owed}
                ORDER BY c.updated_at
                LIMIT ${limit}
                FOR NO KEY UPDATE SKIP LOCKED)
            UPDATE ${p}conversation c SET
                bot_token = gen_random_uuid(), bot_attempts = c.bot_attempts + 1, bot_not_before = NULL,
                bot_lease_until = t.now + :lease * INTERVAL '1 microsecond'
            FROM owed, t
            WHERE c.tenant = owed.tenant AND c.id = owed.id
            RETURNING c.bot_token, c.bot_attempts,
            """.replace("${owed}", OWED.strip().replace("${now}", "(SELECT now FROM t)")) + ConversationRows.COLUMNS;

    private static final String FIND_H2 = """
            SELECT c.tenant, c.id FROM ${p}conversation c WHERE ${owed} ORDER BY c.updated_at LIMIT ${limit}
            """.replace("${owed}", OWED.strip().replace("${now}", ":now"));

    private static final String LOCK_H2 = "SELECT c.bot_attempts, " + ConversationRows.COLUMNS
            + """
            FROM ${p}conversation c WHERE c.tenant = :tenant AND c.id = :id AND ${owed} FOR UPDATE SKIP LOCKED
            """.replace("${owed}", OWED.strip().replace("${now}", ":now"));

    private static final String CLAIM_H2 = """
            UPDATE ${p}conversation SET
                bot_token = :token, bot_attempts = bot_attempts + 1, bot_not_before = NULL, bot_lease_until = :until
            WHERE tenant = :tenant AND id = :id
            """;

    /** Whoever holds a conversation now is about to commit, and ends the claim or leaves it for the next renewal. */
    private static final String RENEW_POSTGRES = """
            WITH t AS MATERIALIZED (SELECT clock_timestamp() AS now),
            alive AS MATERIALIZED (
                SELECT c.tenant, c.id
                FROM unnest(:tenant, :id, :token) AS k (tenant, id, token)
                CROSS JOIN LATERAL (
                    SELECT x.tenant, x.id FROM ${p}conversation x
                    WHERE x.tenant = k.tenant AND x.id = k.id AND x.bot_token = k.token
                        AND x.bot_lease_until > (SELECT now FROM t)
                    FOR NO KEY UPDATE SKIP LOCKED) c)
            UPDATE ${p}conversation c SET bot_lease_until = t.now + :lease * INTERVAL '1 microsecond'
            FROM alive, t
            WHERE c.tenant = alive.tenant AND c.id = alive.id
            """;

    private static final String LOCK_ALIVE_H2 = """
            SELECT c.id FROM ${p}conversation c
            WHERE c.tenant = :tenant AND c.id = :id AND c.bot_token = :token AND c.bot_lease_until > :now
            FOR UPDATE SKIP LOCKED
            """;

    private static final String RENEW_H2 =
            "UPDATE ${p}conversation SET bot_lease_until = :until WHERE tenant = :tenant AND id = :id";

    private static final Shape<BotWork> CLAIM = CommitSteps.CONVERSATION
            .<BotWork>of(work -> work.conversation().id())
            .uuid("token", BotWork::token);

    private final Transactions transactions;
    private final Sql sql;

    BotTurns(Transactions transactions, Sql sql) {
        this.transactions = transactions;
        this.sql = sql;
    }

    List<BotWork> claim(int limit, Duration lease) {
        if (sql.isPostgres()) {
            return transactions.autocommit(handle -> timed(sql.query(handle, CLAIM_POSTGRES, limit), lease)
                    .map((row, context) -> new BotWork(
                            ConversationRows.read(row), Columns.uuid(row, "bot_token"), row.getInt("bot_attempts")))
                    .stream()
                    // What an UPDATE returns is in no order.
                    .sorted(Comparator.comparing(work -> work.conversation().updatedAt()))
                    .toList());
        }
        return transactions.inTransaction(handle -> claimOneByOne(handle, limit, lease));
    }

    private List<BotWork> claimOneByOne(Handle handle, int limit, Duration lease) {
        var owed = timed(sql.query(handle, FIND_H2, limit), lease)
                .map((row, context) ->
                        new dev.handoff.model.ConversationId(Columns.text(row, "tenant"), Columns.uuid(row, "id")))
                .list();
        List<BotWork> claimed = new ArrayList<>();
        for (var id : owed) {
            Optional<BotWork> work = timed(sql.bind(sql.query(handle, LOCK_H2), CommitSteps.CONVERSATION, id), lease)
                    .map((row, context) ->
                            new BotWork(ConversationRows.read(row), UUID.randomUUID(), row.getInt("bot_attempts") + 1))
                    .findOne();
            work.ifPresent(it -> {
                var update = sql.bind(sql.update(handle, CLAIM_H2), CommitSteps.CONVERSATION, id);
                timed(Sql.uuid(update, "token", it.token()), lease).execute();
                claimed.add(it);
            });
        }
        return claimed;
    }

    /** Skips what others hold, and so waits for nobody. */
    void renew(Collection<BotWork> turns, Duration lease) {
        if (turns.isEmpty()) {
            return;
        }
        if (sql.isPostgres()) {
            transactions.autocommit(handle -> timed(
                            sql.bindArrays(sql.update(handle, RENEW_POSTGRES), "", CLAIM, List.copyOf(turns)), lease)
                    .execute());
            return;
        }
        transactions.inTransaction(handle -> {
            turns.forEach(turn -> renewOne(handle, turn, lease));
            return turns.size();
        });
    }

    private void renewOne(Handle handle, BotWork turn, Duration lease) {
        Optional<UUID> alive = timed(sql.bind(sql.query(handle, LOCK_ALIVE_H2), CLAIM, turn), lease)
                .map((row, context) -> Columns.uuid(row, "id"))
                .findOne();
        if (alive.isPresent()) {
            timed(sql.bind(sql.update(handle, RENEW_H2), CLAIM, turn), lease).execute();
        }
    }

    /** PostgreSQL adds the lease to its own time; H2 is given both times. */
    private <S extends SqlStatement<S>> S timed(S statement, Duration lease) {
        var now = sql.processNow();
        Sql.micros(statement, "lease", lease);
        Sql.time(statement, "now", now);
        return Sql.time(statement, "until", now.plus(lease));
    }
}
