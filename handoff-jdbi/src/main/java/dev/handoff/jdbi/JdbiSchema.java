package dev.handoff.jdbi;

import dev.handoff.store.SchemaException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store's tables. Hosts that have a migration tool run {@link #scripts} with it; others call {@link #migrate} before
 * they start. Both may be used one after the other: the scripts make what is missing and leave what is there. Thread-safe.
 */
public final class JdbiSchema {
    /** The prefix of all tables and constraints where none is chosen: {@value}. */
    public static final String DEFAULT_PREFIX = "handoff_";

    private static final Logger log = LoggerFactory.getLogger(JdbiSchema.class);
    private static final Pattern PREFIX = Pattern.compile("[a-z_][a-z0-9_]{0,29}");
    private static final Pattern TABLE =
            Pattern.compile("CREATE TABLE IF NOT EXISTS (\\S+) \\((.*?)\\n\\)", Pattern.DOTALL);
    private static final Pattern ADDED = Pattern.compile("ALTER TABLE (\\S+) ADD COLUMN IF NOT EXISTS ([a-z_]+) [a-z]");
    private static final Pattern COLUMN = Pattern.compile("(?m)^    ([a-z_]+) +[a-z]");
    private static final Pattern UNIQUE = Pattern.compile("(?:PRIMARY KEY|UNIQUE) \\(([a-z_, ]+)\\)");

    /** Every script that was ever released, in order. A change of the schema adds one. */
    private static final List<String> NAMES = List.of(
            "V1__handoff.sql",
            "V2__customers_line.sql",
            "V3__session_window.sql",
            "V4__senders.sql",
            "V5__silent_messages.sql",
            "V6__what_is_forgotten.sql");

    /** How long a node waits for another one's migration. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration POLL = Duration.ofMillis(50);

    private final Jdbi jdbi;
    private final String prefix;

    private JdbiSchema(Jdbi jdbi, String prefix) {
        this.jdbi = jdbi;
        this.prefix = prefix;
    }

    /** The schema in the database that this Jdbi reaches, with the default prefix. Touches nothing. */
    public static JdbiSchema of(Jdbi jdbi) {
        return of(jdbi, DEFAULT_PREFIX);
    }

    /**
     * The schema with a prefix of its own. Touches nothing.
     *
     * @param prefix of every table: at most 30 lower-case letters, digits and underscores, not beginning with a digit
     */
    public static JdbiSchema of(Jdbi jdbi, String prefix) {
        return new JdbiSchema(Objects.requireNonNull(jdbi, "jdbi"), checked(prefix));
    }

    static String checked(String prefix) {
        if (!PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "a table prefix is at most 30 lower-case letters, digits and underscores,"
                            + " and does not begin with a digit; '" + prefix + "' is not");
        }
        return prefix;
    }

    /**
     * One numbered script.
     *
     * @param version its number, from 1
     * @param name its file name, as Flyway would have it
     * @param sql its statements, with the tables' prefix filled in
     */
    public record Script(int version, String name, String sql) {}

    /** The scripts of a dialect, with this schema's prefix, in the order in which they are to run. */
    public List<Script> scripts(Dialect dialect) {
        List<Script> scripts = new ArrayList<>();
        for (String name : NAMES) {
            int version = Integer.parseInt(name.substring(1, name.indexOf("__")));
            scripts.add(new Script(version, name, read(dialect, name).replace("${prefix}", prefix)));
        }
        return scripts;
    }

    private static String read(Dialect dialect, String name) {
        String path = dialect.folder() + "/" + name;
        try (InputStream script = JdbiSchema.class.getResourceAsStream(path)) {
            return new String(Objects.requireNonNull(script, path).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read " + path + " from the library's jar", failure);
        }
    }

    /**
     * Makes what is missing, and records it in {@code <prefix>schema_version}. Any number of nodes may call this at once:
     * one does the work, the others wait for it. What was made before is left as it is.
     *
     * @throws SchemaException when tables of these names exist, but lack columns
     */
    public void migrate() {
        try (Handle handle = open()) {
            Dialect dialect = dialectOf(handle);
            if (dialect == Dialect.POSTGRESQL) {
                migratePostgres(handle);
            } else {
                migrateH2(handle);
            }
        } catch (RuntimeException failure) {
            throw Failures.told(failure);
        }
        verify();
    }

    /**
     * The lock is of the transaction: a process that dies gives it back, and leaves nothing half made, since PostgreSQL's
     * tables are made in transactions too.
     */
    private void migratePostgres(Handle handle) {
        // In SQL, since Jdbi believes what it saw of the connection when it was opened.
        Sql.execute(handle, "BEGIN");
        try {
            Sql.execute(handle, "SET LOCAL lock_timeout = " + PATIENCE.toMillis());
            Sql.execute(
                    handle,
                    "SELECT pg_advisory_xact_lock(hashtext('handoff schema ' || current_schema() || ' " + prefix
                            + "'))");
            Sql.execute(handle, versionTable("timestamptz"));
            for (Script script : pending(handle, Dialect.POSTGRESQL)) {
                Sql.execute(handle, script.sql());
                record(handle, script);
            }
            Sql.execute(handle, "COMMIT");
        } catch (RuntimeException failure) {
            rollBack(handle, failure);
            throw failure;
        }
    }

    private static void rollBack(Handle handle, RuntimeException failure) {
        try {
            Sql.execute(handle, "ROLLBACK");
        } catch (RuntimeException alsoFailed) {
            // The connection is gone, and the transaction with it. What went wrong first is what counts.
            failure.addSuppressed(alsoFailed);
        }
    }

    /**
     * H2 commits at every CREATE, so no lock of a transaction outlives one. A row that names who is at work does, with a
     * time after which others take over from one that died. Every statement makes only what is missing, so even two at
     * once would do no harm.
     */
    private void migrateH2(Handle handle) {
        Sql.execute(handle, versionTable("timestamp(6) with time zone"));
        UUID me = UUID.randomUUID();
        Instant giveUp = InstantSource.system().instant().plus(PATIENCE);
        while (!lockH2(handle, me)) {
            if (InstantSource.system().instant().isAfter(giveUp)) {
                throw new SchemaException("another process has been migrating " + prefix + "* for " + PATIENCE
                        + "; if there is none, delete the row of version 0 from " + prefix + "schema_version");
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
        try {
            for (Script script : pending(handle, Dialect.H2)) {
                for (String statement : script.sql().split(";\\s*\\n")) {
                    if (!statement.isBlank()) {
                        Sql.execute(handle, statement);
                    }
                }
                record(handle, script);
            }
        } finally {
            Sql.execute(handle, "DELETE FROM " + prefix + "schema_version WHERE version = 0 AND script = '" + me + "'");
        }
    }

    private boolean lockH2(Handle handle, UUID me) {
        String table = prefix + "schema_version";
        Sql.execute(
                handle,
                "DELETE FROM " + table + " WHERE version = 0 AND applied_at < DATEADD(SECOND, -"
                        + PATIENCE.toSeconds() / 2 + ", CURRENT_TIMESTAMP)");
        try {
            Sql.execute(handle, "INSERT INTO " + table + " VALUES (0, '" + me + "', CURRENT_TIMESTAMP)");
            return true;
        } catch (DatabaseException failure) {
            if (Failures.isDuplicate(failure) || Failures.kindOf(failure) == Failures.Kind.RACE) {
                return false;
            }
            throw failure;
        }
    }

    private String versionTable(String timestamp) {
        return "CREATE TABLE IF NOT EXISTS " + prefix + "schema_version (version integer NOT NULL PRIMARY KEY,"
                + " script varchar(200) NOT NULL, applied_at " + timestamp + " NOT NULL)";
    }

    private List<Script> pending(Handle handle, Dialect dialect) {
        List<Integer> applied = new ArrayList<>();
        try (var statement = handle.getConnection().createStatement();
                var rows = statement.executeQuery("SELECT version FROM " + prefix + "schema_version")) {
            while (rows.next()) {
                applied.add(rows.getInt(1));
            }
        } catch (SQLException failure) {
            throw new DatabaseException(failure);
        }
        return scripts(dialect).stream()
                .filter(script -> !applied.contains(script.version()))
                .toList();
    }

    private void record(Handle handle, Script script) {
        Sql.execute(
                handle,
                "INSERT INTO " + prefix + "schema_version VALUES (" + script.version() + ", '" + script.name()
                        + "', CURRENT_TIMESTAMP)");
        log.info("Applied {} to the tables {}*", script.name(), prefix);
    }

    /**
     * Checks that every table and column is there, and that what must be unique is kept so, and changes nothing. Without
     * the unique keys nothing would fail, but messages would be kept twice and customers have two open conversations. Warns
     * in the log of an H2 file that may lose what it has acknowledged.
     *
     * @throws SchemaException naming all that is missing
     */
    public void verify() {
        List<String> missing = new ArrayList<>();
        try (Handle handle = open()) {
            Dialect dialect = dialectOf(handle);
            for (Script script : scripts(dialect)) {
                Matcher tables = TABLE.matcher(script.sql());
                while (tables.find()) {
                    missing.addAll(missing(handle, tables.group(1), tables.group(2)));
                }
                Matcher added = ADDED.matcher(script.sql());
                while (added.find()) {
                    missing.addAll(missing(handle, added.group(1), "    " + added.group(2) + " a"));
                }
            }
            if (dialect == Dialect.H2) {
                H2Durability.doubts(handle.getConnection())
                        .forEach(doubt -> log.warn("Messages may be lost: {}", doubt));
            }
        } catch (SQLException failure) {
            throw Failures.told(new DatabaseException(failure));
        } catch (RuntimeException failure) {
            throw Failures.told(failure);
        }
        if (!missing.isEmpty()) {
            throw new SchemaException("the database lacks " + String.join(", ", missing)
                    + "; run the scripts in dev/handoff/jdbi of the handoff-jdbi jar with your migration tool, or call"
                    + " JdbiSchema.of(jdbi, \"" + prefix + "\").migrate()");
        }
    }

    private static List<String> missing(Handle handle, String table, String definition) {
        TreeSet<String> present = new TreeSet<>();
        try (var statement = handle.getConnection().createStatement();
                var rows = statement.executeQuery("SELECT * FROM " + table + " WHERE 1 = 0")) {
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                present.add(rows.getMetaData().getColumnName(i).toLowerCase(Locale.ROOT));
            }
        } catch (SQLException failure) {
            if (Failures.isMissingTable(failure)) {
                return List.of("table " + table);
            }
            throw new DatabaseException(failure);
        }
        List<String> missing = new ArrayList<>();
        Matcher columns = COLUMN.matcher(definition);
        while (columns.find()) {
            if (!present.contains(columns.group(1))) {
                missing.add("column " + table + "." + columns.group(1));
            }
        }
        if (missing.isEmpty()) {
            missing.addAll(missingKeys(handle, table, definition));
        }
        return missing;
    }

    private static List<String> missingKeys(Handle handle, String table, String definition) {
        Map<String, Set<String>> present = new HashMap<>();
        try {
            DatabaseMetaData database = handle.getConnection().getMetaData();
            String name = database.storesUpperCaseIdentifiers() ? table.toUpperCase(Locale.ROOT) : table;
            try (var rows = database.getIndexInfo(null, null, name, true, true)) {
                while (rows.next()) {
                    String column = rows.getString("COLUMN_NAME");
                    if (column != null) {
                        present.computeIfAbsent(
                                        rows.getString("TABLE_SCHEM") + "." + rows.getString("INDEX_NAME"),
                                        none -> new HashSet<>())
                                .add(column.toLowerCase(Locale.ROOT));
                    }
                }
            }
        } catch (SQLException failure) {
            throw new DatabaseException(failure);
        }
        List<String> missing = new ArrayList<>();
        Matcher keys = UNIQUE.matcher(definition);
        while (keys.find()) {
            if (!present.containsValue(Set.of(keys.group(1).split(", ")))) {
                missing.add("a unique key of " + table + " on (" + keys.group(1) + ")");
            }
        }
        return missing;
    }

    /** Each statement by itself, whatever the pool is used to; the pool sets its connection back. */
    private Handle open() {
        Handle handle = jdbi.open();
        try {
            if (!handle.getConnection().getAutoCommit()) {
                handle.getConnection().setAutoCommit(true);
            }
            return handle;
        } catch (SQLException failure) {
            handle.close();
            throw new DatabaseException(failure);
        }
    }

    static Dialect dialectOf(Handle handle) {
        try {
            return Dialect.of(handle.getConnection().getMetaData());
        } catch (SQLException failure) {
            throw new DatabaseException(failure);
        }
    }
}
