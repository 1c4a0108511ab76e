package dev.handoff.jdbi;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;

/** A database with the store's tables in it, and a pool of connections as a host would have. */
final class TestDatabase implements AutoCloseable {
    static final List<String> TABLES = List.of(
            "conversation",
            "message",
            "event",
            "outbox",
            "attempt",
            "dedupe",
            "agent",
            "feed_pending",
            "feed",
            "feed_head",
            "sender");

    private static final AtomicInteger NAMES = new AtomicInteger();

    private final HikariDataSource pool;
    private final Jdbi jdbi;

    private TestDatabase(String url, int connections) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1);
        this.pool = new HikariDataSource(config);
        this.jdbi = Jdbi.create(pool);
    }

    static TestDatabase postgres(int version) {
        return new TestDatabase(PostgresServers.jdbcUrl(version), 12);
    }

    /** Another pool of connections to a database. */
    static TestDatabase at(String url) {
        return new TestDatabase(url, 8);
    }

    static TestDatabase h2InMemory() {
        return h2InMemory("");
    }

    /** Settings as they stand in H2's URLs. */
    static TestDatabase h2InMemory(String settings) {
        return new TestDatabase("jdbc:h2:mem:test" + NAMES.incrementAndGet() + settings, 12);
    }

    /** A fresh database of either kind; of PostgreSQL the newest. */
    static TestDatabase of(Dialect dialect) {
        return dialect == Dialect.POSTGRESQL ? postgres(PostgresServers.NEWEST) : h2InMemory();
    }

    static TestDatabase h2File(Path folder) {
        String file = folder.resolve("test" + NAMES.incrementAndGet()).toString();
        return new TestDatabase(H2Url.durable("jdbc:h2:file:" + file), 12);
    }

    Jdbi jdbi() {
        return jdbi;
    }

    TestDatabase migrated() {
        JdbiSchema.of(jdbi).migrate();
        return this;
    }

    JdbiConversationStore store() {
        return JdbiConversationStore.on(jdbi);
    }

    /** The store with nothing in it. There is little to delete: that is faster than to truncate. */
    JdbiConversationStore emptyStore() {
        jdbi.useTransaction(handle -> TABLES.forEach(table -> handle.execute("DELETE FROM handoff_" + table)));
        return store();
    }

    /**
     * How many sessions wait for a lock just now. H2 says so of rows that are locked; for a key that somebody else is
     * inserting it tries again and again, and all that can be seen is a statement that does not end.
     */
    int waiting() {
        return waiting(jdbi);
    }

    static int waiting(Jdbi jdbi) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        JdbiSchema.dialectOf(handle) == Dialect.H2
                                ? "SELECT count(*) FROM information_schema.sessions WHERE session_id <> session_id()"
                                        + " AND (blocker_id IS NOT NULL OR executing_statement_start"
                                        + " < DATEADD(MILLISECOND, -200, CURRENT_TIMESTAMP(9)))"
                                : "SELECT count(*) FROM pg_stat_activity"
                                        + " WHERE wait_event_type = 'Lock' AND datname = current_database()")
                .mapTo(Integer.class)
                .one());
    }

    @Override
    public void close() {
        pool.close();
    }
}
