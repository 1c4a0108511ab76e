package dev.handoff.jdbi;

import dev.handoff.model.ConversationId;
import dev.handoff.store.Lookup;
import dev.handoff.store.OnceKey;
import dev.handoff.store.Prior;
import dev.handoff.store.Snapshot;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Reads what decisions rest on: on PostgreSQL any number of lookups in one statement, and so in one snapshot of the
 * database, with its time.
 */
final class SnapshotReader {
    private static final String POSTGRES = """
            SELECT k.place, k.tenant AS once_tenant, p.id AS previous_found,
                d.fingerprint, d.conversation AS done_in, d.message_seq, d.in_flight, d.state_after,
                (SELECT clock_timestamp()) AS now,
            """ + ConversationRows.COLUMNS + """
            FROM unnest(:place, :tenant, :id, :address_key, :kind, :once_key)
                AS k (place, tenant, id, address_key, kind, once_key)
            LEFT JOIN LATERAL (
                SELECT * FROM ${p}conversation x WHERE x.tenant = k.tenant AND x.id = k.id
                UNION ALL
                SELECT * FROM ${p}conversation x WHERE x.tenant = k.tenant AND x.open_key = k.address_key
                LIMIT 1) c ON TRUE
            LEFT JOIN LATERAL (
                SELECT x.id FROM ${p}conversation x
                WHERE c.id IS NULL AND x.tenant = k.tenant AND x.address_key = k.address_key AND x.open_key IS NULL
                ORDER BY x.closed_at DESC
                LIMIT 1) p ON TRUE
            LEFT JOIN LATERAL (
                SELECT * FROM ${p}dedupe x
                WHERE x.tenant = k.tenant AND x.kind = k.kind AND x.once_key = k.once_key
                LIMIT 1) d ON TRUE
            """;

    private static final String BY_ID =
            "SELECT " + ConversationRows.COLUMNS + " FROM ${p}conversation c WHERE c.tenant = :tenant AND c.id = :id";

    private static final String BY_ADDRESS = "SELECT " + ConversationRows.COLUMNS
            + " FROM ${p}conversation c WHERE c.tenant = :tenant AND c.open_key = :address_key";

    private static final String PREVIOUS = """
            SELECT c.id FROM ${p}conversation c
            WHERE c.tenant = :tenant AND c.address_key = :address_key AND c.open_key IS NULL
            ORDER BY c.closed_at DESC
            LIMIT 1
            """;

    /** One lookup, as it is bound. */
    private record Key(
            int place,
            String tenant,
            @Nullable UUID id,
            @Nullable String addressKey,
            @Nullable OnceKey once) {
        static Key of(int place, Lookup lookup) {
            if (lookup instanceof Lookup.ByAddress byAddress) {
                return new Key(
                        place,
                        byAddress.address().tenant(),
                        null,
                        BoundedKey.of(byAddress.address()),
                        byAddress.once());
            }
            ConversationId id = ((Lookup.ById) lookup).id();
            return new Key(place, id.tenant(), id.value(), null, lookup.once());
        }
    }

    private static final Shape<Key> SHAPE = new Shape<Key>()
            .integer("place", Key::place)
            .text("tenant", Key::tenant)
            .uuid("id", Key::id)
            .text("address_key", Key::addressKey)
            .text("kind", key -> key.once() == null ? null : key.once().kind().name())
            .text(
                    "once_key",
                    key -> key.once() == null ? null : BoundedKey.of(key.once().key()));

    private final Sql sql;
    private final OnceRows onceRows;

    SnapshotReader(Sql sql) {
        this.sql = sql;
        this.onceRows = new OnceRows(sql);
    }

    List<Snapshot> read(Handle handle, List<Lookup> lookups) {
        if (lookups.isEmpty()) {
            return List.of();
        }
        List<Key> keys = IntStream.range(0, lookups.size())
                .mapToObj(place -> Key.of(place, lookups.get(place)))
                .toList();
        return sql.isPostgres()
                ? together(handle, keys)
                : keys.stream().map(key -> oneByOne(handle, key)).toList();
    }

    private List<Snapshot> together(Handle handle, List<Key> keys) {
        @Nullable Snapshot[] snapshots = new Snapshot[keys.size()];
        sql.bindArrays(sql.query(handle, POSTGRES), "", SHAPE, keys)
                .map((row, context) -> snapshots[row.getInt("place")] = snapshot(row))
                .list();
        List<Snapshot> complete = new ArrayList<>(snapshots.length);
        Arrays.stream(snapshots).forEach(snapshot -> complete.add(Objects.requireNonNull(snapshot)));
        return complete;
    }

    private static Snapshot snapshot(ResultSet row) throws SQLException {
        UUID previous = Columns.uuidOrNull(row, "previous_found");
        return new Snapshot(
                Columns.uuidOrNull(row, "id") == null ? null : ConversationRows.read(row),
                previous == null ? null : new ConversationId(Columns.text(row, "once_tenant"), previous),
                OnceRows.prior(row),
                Columns.instant(row, "now"));
    }

    /**
     * On H2, three reads, the once-key's last. A commit in between shows as a prior that is newer than the conversation: a
     * repeated command that races its original finds what the original came to, and is not decided on what it left behind.
     */
    private Snapshot oneByOne(Handle handle, Key key) {
        Instant now = sql.now(handle);
        OnceKey once = key.once();
        var conversation = sql.bind(sql.query(handle, key.addressKey() == null ? BY_ID : BY_ADDRESS), SHAPE, key)
                .map((row, context) -> ConversationRows.read(row))
                .findOne()
                .orElse(null);
        ConversationId previous = conversation != null || key.addressKey() == null
                ? null
                : sql.bind(sql.query(handle, PREVIOUS), SHAPE, key)
                        .map((row, context) -> new ConversationId(key.tenant(), Columns.uuid(row, "id")))
                        .findOne()
                        .orElse(null);
        Map<OnceRows.Name, Prior> priors = once == null ? Map.of() : onceRows.find(handle, List.of(once));
        return new Snapshot(conversation, previous, once == null ? null : priors.get(OnceRows.Name.of(once)), now);
    }
}
