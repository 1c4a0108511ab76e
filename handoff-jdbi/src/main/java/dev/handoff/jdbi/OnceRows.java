package dev.handoff.jdbi;

import dev.handoff.model.ConversationId;
import dev.handoff.model.MessageId;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.OnceKey;
import dev.handoff.store.Outcome;
import dev.handoff.store.Prior;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What was done before, by once-key. */
final class OnceRows {

    /** A once-key as the database compares it: without its fingerprint. */
    record Name(String tenant, String kind, String key) {
        static Name of(OnceKey once) {
            return new Name(once.tenant(), once.kind().name(), OnceRows.key(once));
        }

        static Name read(ResultSet row) throws SQLException {
            return new Name(Columns.text(row, "once_tenant"), Columns.text(row, "kind"), Columns.text(row, "once_key"));
        }
    }

    static final Shape<ChangeSet> SHAPE = new Shape<ChangeSet>()
            .text("tenant", change -> once(change).tenant())
            .text("kind", change -> once(change).kind().name())
            .text("once_key", change -> key(once(change)))
            .text("fingerprint", change -> once(change).fingerprint())
            .uuid("conversation", change -> change.next().id().value())
            .number(
                    "message_seq",
                    change -> change.messages().isEmpty()
                            ? null
                            : change.messages().get(0).id().seq())
            .text(
                    "state_after",
                    change -> once(change).kind() == OnceKey.Kind.COMMAND ? Json.conversation(change.next()) : null);

    private static final Shape<OnceKey> KEY = new Shape<OnceKey>()
            .text("tenant", OnceKey::tenant)
            .text("kind", once -> once.kind().name())
            .text("once_key", OnceRows::key);

    private static final String FIND_POSTGRES = """
            SELECT d.tenant AS once_tenant, d.kind, d.once_key, d.fingerprint, d.conversation AS done_in, d.message_seq, d.in_flight,
                   d.state_after
            FROM unnest(:tenant, :kind, :once_key) AS k (tenant, kind, once_key)
            CROSS JOIN LATERAL (
                SELECT * FROM ${p}dedupe x
                WHERE x.tenant = k.tenant AND x.kind = k.kind AND x.once_key = k.once_key OFFSET 0) d
            """;

    private static final String FIND_H2 = """
            SELECT d.tenant AS once_tenant, d.kind, d.once_key, d.fingerprint, d.conversation AS done_in, d.message_seq, d.in_flight,
                   d.state_after
            FROM ${p}dedupe d WHERE d.tenant = :tenant AND d.kind = :kind AND d.once_key = :once_key
            """;

    private static final String FORGET_POSTGRES = """
            DELETE FROM ${p}dedupe WHERE ctid = ANY (ARRAY(
                SELECT d.ctid FROM ${p}dedupe d
                WHERE d.kind <> 'INBOUND' AND d.created_at < CAST(:before AS timestamp with time zone)
                LIMIT ${limit}))
            """;

    private static final String FORGET_H2 = """
            DELETE FROM ${p}dedupe
            WHERE kind IN ('COMMAND', 'TURN') AND created_at < CAST(:before AS timestamp with time zone)
            FETCH FIRST ${limit} ROWS ONLY
            """;

    private final Sql sql;

    OnceRows(Sql sql) {
        this.sql = sql;
    }

    Map<Name, Prior> find(Handle handle, List<OnceKey> keys) {
        Map<Name, Prior> found = new HashMap<>();
        if (keys.isEmpty()) {
            return found;
        }
        if (sql.isPostgres()) {
            sql.bindArrays(sql.query(handle, FIND_POSTGRES), "", KEY, keys)
                    .map((row, context) -> found.put(Name.read(row), Objects.requireNonNull(prior(row))))
                    .list();
        } else {
            for (OnceKey key : keys) {
                sql.bind(sql.query(handle, FIND_H2), KEY, key)
                        .map((row, context) -> Objects.requireNonNull(prior(row)))
                        .findOne()
                        .ifPresent(prior -> found.put(Name.of(key), prior));
            }
        }
        return found;
    }

    /** How many were forgotten. Inbound messages never are. */
    int forgetOlderThan(Handle handle, Duration age, int limit) {
        var delete = sql.update(handle, sql.either(FORGET_POSTGRES, FORGET_H2), limit);
        return Sql.time(delete, "before", sql.now(handle).minus(age)).execute();
    }

    /** What was done under a key; null when the row holds none, being joined from the outside. */
    static @Nullable Prior prior(ResultSet row) throws SQLException {
        String fingerprint = Columns.textOrNull(row, "fingerprint");
        if (fingerprint == null) {
            return null;
        }
        ConversationId conversation =
                new ConversationId(Columns.text(row, "once_tenant"), Columns.uuid(row, "done_in"));
        String after = Columns.textOrNull(row, "state_after");
        return new Prior(
                fingerprint,
                new Outcome(
                        conversation,
                        after == null ? null : Json.conversation(after),
                        Columns.numberOrNull(row, "message_seq"),
                        inFlight(conversation, Columns.textOrNull(row, "in_flight"))));
    }

    static String places(List<MessageId> inFlight) {
        return inFlight.stream().map(id -> String.valueOf(id.seq())).collect(Collectors.joining(","));
    }

    private static List<MessageId> inFlight(ConversationId conversation, @Nullable String places) {
        return places == null
                ? List.of()
                : Arrays.stream(places.split(","))
                        .map(place -> new MessageId(conversation, Long.parseLong(place)))
                        .toList();
    }

    private static OnceKey once(ChangeSet change) {
        return Objects.requireNonNull(change.once());
    }

    private static String key(OnceKey once) {
        return BoundedKey.of(once.key());
    }
}
