package dev.handoff.jdbi;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.ColonPrefixSqlParser;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlParser;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * Statements of one store: their dialect, the prefix of their tables, and a binding that does not depend on how the host
 * has configured its Jdbi (template engine, parser, argument factories, column mappers). Thread-safe.
 */
final class Sql {
    private final Dialect dialect;
    private final String prefix;
    private final InstantSource processClock;
    private final SqlParser parser = new ColonPrefixSqlParser();
    private final Map<String, String> prefixed = new ConcurrentHashMap<>();

    Sql(Dialect dialect, String prefix, InstantSource processClock) {
        this.dialect = dialect;
        this.prefix = prefix;
        this.processClock = processClock;
    }

    Dialect dialect() {
        return dialect;
    }

    boolean isPostgres() {
        return dialect == Dialect.POSTGRESQL;
    }

    /** One of two texts. */
    String either(String postgres, String h2) {
        return isPostgres() ? postgres : h2;
    }

    /** The text with the tables' prefix in place of {@code ${p}}. Only constants come here: each is kept. */
    String text(String constant) {
        return prefixed.computeIfAbsent(constant, text -> text.replace("${p}", prefix));
    }

    Query query(Handle handle, String constant) {
        return prepared(handle.createQuery(text(constant)));
    }

    /**
     * A query with its limit written out: a planner that does not know the limit may prefer to read a whole table. A
     * worker asks for few different numbers.
     */
    Query query(Handle handle, String constant, int limit) {
        return prepared(handle.createQuery(text(constant).replace("${limit}", String.valueOf(Math.max(0, limit)))));
    }

    Update update(Handle handle, String constant, int limit) {
        return prepared(handle.createUpdate(text(constant).replace("${limit}", String.valueOf(Math.max(0, limit)))));
    }

    Update update(Handle handle, String constant) {
        return prepared(handle.createUpdate(text(constant)));
    }

    /** Runs a statement once for each row, in their order; on PostgreSQL in one round trip. */
    <T> int[] batch(Handle handle, String constant, Shape<T> shape, List<T> rows) {
        if (rows.isEmpty()) {
            return new int[0];
        }
        Instant now = processNow();
        if (rows.size() == 1) {
            Update update = time(bind(update(handle, constant), shape, rows.get(0)), "now", now);
            return new int[] {update.execute()};
        }
        PreparedBatch batch = prepared(handle.prepareBatch(text(constant)));
        for (T row : rows) {
            time(bind(batch, shape, row), "now", now).add();
        }
        try {
            return batch.execute();
        } catch (RuntimeException failure) {
            throw withoutValues(failure);
        }
    }

    /** A failed batch quotes its statement with all values, which are customers' messages: they belong in no log. */
    private static RuntimeException withoutValues(RuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BatchUpdateException batch) {
                SQLException first = batch.getNextException();
                return new DatabaseException(
                        first != null ? first : new SQLException("a batch failed", batch.getSQLState()));
            }
        }
        return failure;
    }

    <T, S extends SqlStatement<S>> S bind(S statement, Shape<T> shape, T row) {
        for (Shape.Column<T> column : shape.columns()) {
            statement.bind(column.name(), single(column.type(), column.value().of(row)));
        }
        return statement;
    }

    /** Binds each column as an array, for PostgreSQL's unnest. */
    <T, S extends SqlStatement<S>> S bindArrays(S statement, String before, Shape<T> shape, List<T> rows) {
        for (Shape.Column<T> column : shape.columns()) {
            @Nullable Object[] values = column.type().array(rows.size());
            Arrays.setAll(values, i -> column.type().element(column.value().of(rows.get(i))));
            Argument array = (position, prepared, context) -> {
                Connection connection = prepared.getConnection();
                prepared.setArray(
                        position, connection.createArrayOf(column.type().arrayElement(), values));
            };
            statement.bind(before + column.name(), array);
        }
        return statement;
    }

    static <S extends SqlStatement<S>> S text(S statement, String name, @Nullable String value) {
        return statement.bind(name, single(ColumnType.TEXT, value));
    }

    static <S extends SqlStatement<S>> S uuid(S statement, String name, @Nullable UUID value) {
        return statement.bind(name, single(ColumnType.UUID, value));
    }

    static <S extends SqlStatement<S>> S number(S statement, String name, @Nullable Long value) {
        return statement.bind(name, single(ColumnType.LONG, value));
    }

    static <S extends SqlStatement<S>> S time(S statement, String name, @Nullable Instant value) {
        return statement.bind(name, single(ColumnType.TIME, value));
    }

    static <S extends SqlStatement<S>> S micros(S statement, String name, Duration value) {
        return number(statement, name, micros(value));
    }

    static long micros(Duration value) {
        return value.toSeconds() * 1_000_000 + value.toNanosPart() / 1_000;
    }

    private static Argument single(ColumnType type, @Nullable Object value) {
        return (position, prepared, context) -> type.set(prepared, position, value);
    }

    /** The time of the database; on H2, which lives in this process, that of the process. */
    Instant now(Handle handle) {
        if (!isPostgres()) {
            return processNow();
        }
        return query(handle, "SELECT clock_timestamp() AS now")
                .map((row, context) -> Columns.instant(row, "now"))
                .one();
    }

    /** The process's time: what H2 is given as {@code :now}. PostgreSQL's statements read the server's clock instead. */
    Instant processNow() {
        return processClock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private <S extends SqlStatement<S>> S prepared(S statement) {
        statement.setTemplateEngine(TemplateEngine.NOP);
        statement.setSqlParser(parser);
        statement.getConfig(SqlStatements.class).setUnusedBindingAllowed(true);
        return statement;
    }

    /** Runs settings that are no statement of ours to prepare; several in one round trip. */
    static void execute(Handle handle, String settings) {
        try (var statement = handle.getConnection().createStatement()) {
            statement.execute(settings);
        } catch (SQLException failure) {
            throw new DatabaseException(failure);
        }
    }
}
