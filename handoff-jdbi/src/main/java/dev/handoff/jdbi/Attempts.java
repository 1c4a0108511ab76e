package dev.handoff.jdbi;

import dev.handoff.model.ConversationId;
import dev.handoff.model.MessageId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Attempts to send, kept for ever: a provider may report on one long after. */
final class Attempts {

    record Attempt(
            MessageId id,
            UUID token,
            int number,
            String channel,
            @Nullable String providerId,
            boolean failed) {}

    private static final String COLUMNS = """
            SELECT a.tenant, a.token, a.conversation, a.seq, a.attempt, a.channel, a.provider_id, a.failed
            FROM ${p}attempt a
            """;
    private static final String BY_TOKEN = COLUMNS + " WHERE a.tenant = :tenant AND a.token = :token";
    private static final String BY_PROVIDER_ID =
            COLUMNS + " WHERE a.tenant = :tenant AND a.channel = :channel AND a.provider_id = :provider_id";

    private static final String BIND = """
            UPDATE ${p}attempt SET provider_id = :provider_id
            WHERE tenant = :tenant AND token = :token AND provider_id IS NULL
                AND NOT EXISTS (
                    SELECT 1 FROM ${p}attempt x
                    WHERE x.tenant = :tenant AND x.channel = :channel AND x.provider_id = :provider_id)
            """;

    private static final String FAIL = "UPDATE ${p}attempt SET failed = TRUE WHERE tenant = :tenant AND token = :token";

    private static final String BEGIN = """
            INSERT INTO ${p}attempt (tenant, token, conversation, seq, attempt, channel, attempted_at)
            VALUES (:tenant, :token, :conversation, :seq, :attempt, :channel, :now)
            """;

    private static final Shape<Attempt> SHAPE = new Shape<Attempt>()
            .text("tenant", a -> a.id().conversation().tenant())
            .uuid("token", Attempt::token)
            .uuid("conversation", a -> a.id().conversation().value())
            .number("seq", a -> a.id().seq())
            .integer("attempt", Attempt::number)
            .text("channel", Attempt::channel);

    private final Sql sql;

    Attempts(Sql sql) {
        this.sql = sql;
    }

    void begin(Handle handle, Attempt attempt, Instant now) {
        Sql.time(sql.bind(sql.update(handle, BEGIN), SHAPE, attempt), "now", now)
                .execute();
    }

    Optional<Attempt> find(Handle handle, String tenant, UUID token) {
        return Sql.uuid(Sql.text(sql.query(handle, BY_TOKEN), "tenant", tenant), "token", token)
                .map((row, context) -> read(row))
                .findOne();
    }

    Optional<Attempt> find(Handle handle, String tenant, String channel, String providerId) {
        var query = Sql.text(sql.query(handle, BY_PROVIDER_ID), "tenant", tenant);
        return Sql.text(Sql.text(query, "channel", channel), "provider_id", BoundedKey.of(providerId))
                .map((row, context) -> read(row))
                .findOne();
    }

    /**
     * Keeps the provider's id of an attempt, unless it has one or another attempt has this one.
     *
     * @return what the attempt is known as now
     */
    @Nullable
    String bind(Handle handle, Attempt attempt, String providerId) {
        String bounded = BoundedKey.of(providerId);
        if (attempt.providerId() != null) {
            return attempt.providerId();
        }
        int bound = Sql.text(sql.bind(sql.update(handle, BIND), SHAPE, attempt), "provider_id", bounded)
                .execute();
        return bound == 1 ? bounded : null;
    }

    void fail(Handle handle, Attempt attempt) {
        sql.bind(sql.update(handle, FAIL), SHAPE, attempt).execute();
    }

    private static Attempt read(ResultSet row) throws SQLException {
        String tenant = Columns.text(row, "tenant");
        return new Attempt(
                new MessageId(new ConversationId(tenant, Columns.uuid(row, "conversation")), row.getLong("seq")),
                Columns.uuid(row, "token"),
                row.getInt("attempt"),
                Columns.text(row, "channel"),
                Columns.textOrNull(row, "provider_id"),
                row.getBoolean("failed"));
    }
}
