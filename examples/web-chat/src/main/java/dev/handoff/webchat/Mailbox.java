package dev.handoff.webchat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.model.MessageOwner;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * What each visitor may see, in the one order in which all their tabs see it, on whatever node. Places are given under the
 * lock of the visitor's row, so that they are committed in their order: a reader who remembers the last place it saw
 * misses nothing and sees nothing twice. Thread-safe.
 */
final class Mailbox {
    private static final String OF_VISITOR = " WHERE tenant = :tenant AND visitor = :visitor";
    private static final String LOCK = "SELECT last_place FROM webchat_visitor" + OF_VISITOR + " FOR UPDATE";
    private static final String NEXT = "UPDATE webchat_visitor SET last_place = last_place + 1" + OF_VISITOR;
    private static final String FIRST = """
            INSERT INTO webchat_visitor (tenant, visitor, last_place, delivered, seen)
            VALUES (:tenant, :visitor, 1, 0, 0)
            """;
    private static final String PUT = """
            INSERT INTO webchat_message (tenant, visitor, place, message, attempt, client_id, author, body, said_at)
            VALUES (:tenant, :visitor, :place, :message, :attempt, :client, :author, :body, :at)
            """;
    private static final String STATUS = """
            SELECT m.place, v.delivered, v.seen
            FROM webchat_message m
            JOIN webchat_visitor v ON v.tenant = m.tenant AND v.visitor = m.visitor
            WHERE m.tenant = :tenant AND m.message = :message
            """;
    private static final String AFTER = """
            SELECT place, message, attempt, client_id, author, body, said_at
            FROM webchat_message
            WHERE tenant = :tenant AND visitor = :visitor AND place > :after
            ORDER BY place
            LIMIT :limit
            """;
    private static final String STANDING = "SELECT last_place, delivered, seen FROM webchat_visitor" + OF_VISITOR;
    private static final String LAST_PLACES =
            "SELECT visitor, last_place FROM webchat_visitor WHERE tenant = :tenant AND visitor IN (<visitors>)";
    private static final String DELIVERED =
            "UPDATE webchat_visitor SET delivered = :place" + OF_VISITOR + " AND :place > delivered";
    private static final String SEEN = "UPDATE webchat_visitor SET seen = :place" + OF_VISITOR + " AND :place > seen";

    private final Jdbi jdbi;

    Mailbox(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Where a visitor stands.
     *
     * @param last the newest message's place; 0 when there is none
     * @param delivered up to where a widget has received everything
     * @param seen up to where the visitor has seen everything
     */
    record Standing(long last, long delivered, long seen) {}

    /** Makes the tables that are missing. */
    void migrate() {
        try (InputStream script = Mailbox.class.getResourceAsStream("webchat.sql")) {
            String sql =
                    new String(Objects.requireNonNull(script, "webchat.sql").readAllBytes(), StandardCharsets.UTF_8);
            jdbi.useHandle(handle -> handle.createScript(sql).execute());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read webchat.sql from the jar", e);
        }
    }

    /** Keeps a visitor's mailbox as it is until the transaction ends. Whether there is one. */
    boolean lock(Handle handle, Visitor visitor) {
        return of(visitor, handle.createQuery(LOCK)).mapTo(Long.class).findOne().isPresent();
    }

    /** Puts a message at the end, and keeps the mailbox locked until the transaction ends. */
    void put(Handle handle, Visitor visitor, Said said) {
        if (of(visitor, handle.createUpdate(NEXT)).execute() == 0) {
            of(visitor, handle.createUpdate(FIRST)).execute();
        }
        long place = of(visitor, handle.createQuery(LOCK)).mapTo(Long.class).one();
        of(visitor, handle.createUpdate(PUT))
                .bind("place", place)
                .bind("message", said.message())
                .bind("attempt", said.attempt())
                .bind("client", said.clientId())
                .bind("author", said.author().name())
                .bind("body", said.text())
                .bind("at", said.at())
                .execute();
    }

    /** How far a message has come; empty when it is in no mailbox. */
    Optional<DeliveryStatus> status(Handle handle, String tenant, String message) {
        return handle.createQuery(STATUS)
                .bind("tenant", tenant)
                .bind("message", message)
                .map((row, context) -> {
                    long place = row.getLong("place");
                    if (place <= row.getLong("seen")) {
                        return DeliveryStatus.READ;
                    }
                    return place <= row.getLong("delivered") ? DeliveryStatus.DELIVERED : DeliveryStatus.SENT;
                })
                .findOne();
    }

    /** The messages after a place, oldest first. */
    List<Said.Placed> after(Visitor visitor, long place, int limit) {
        return jdbi.withHandle(handle -> of(visitor, handle.createQuery(AFTER))
                .bind("after", place)
                .bind("limit", limit)
                .map((row, context) -> read(row))
                .list());
    }

    Standing standing(Visitor visitor) {
        return jdbi.withHandle(handle -> of(visitor, handle.createQuery(STANDING))
                        .map((row, context) ->
                                new Standing(row.getLong("last_place"), row.getLong("delivered"), row.getLong("seen")))
                        .findOne())
                .orElse(new Standing(0, 0, 0));
    }

    /** The newest places of those of these visitors who have a mailbox, by their addresses. */
    Map<String, Long> lastPlaces(String tenant, Collection<String> visitors) {
        return jdbi.withHandle(handle -> handle.createQuery(LAST_PLACES)
                .bind("tenant", tenant)
                .bindList("visitors", List.copyOf(visitors))
                .map((row, context) -> Map.entry(row.getString("visitor"), row.getLong("last_place")))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /** Remembers up to where a visitor has received, or seen, everything. It only climbs. */
    void shown(Visitor visitor, long place, boolean seen) {
        jdbi.useHandle(handle -> of(visitor, handle.createUpdate(seen ? SEEN : DELIVERED))
                .bind("place", place)
                .execute());
    }

    private static <S extends SqlStatement<S>> S of(Visitor visitor, S statement) {
        return statement.bind("tenant", visitor.tenant()).bind("visitor", visitor.address());
    }

    private static Said.Placed read(ResultSet row) throws SQLException {
        return new Said.Placed(
                row.getLong("place"),
                new Said(
                        row.getString("message"),
                        row.getString("attempt"),
                        row.getString("client_id"),
                        MessageOwner.valueOf(row.getString("author")),
                        row.getString("body"),
                        row.getTimestamp("said_at").toInstant()));
    }
}
