package dev.handoff.jdbi;

import dev.handoff.model.StorableText;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How a value is bound, one at a time or as an element of an array. Nothing passes the host's own argument factories: a
 * host that maps Instant or UUID its own way does not change what is stored here. Text that a database cannot hold, in a
 * reason or a provider's error, does not cost the row ({@link StorableText}).
 */
enum ColumnType {
    TEXT("text", Types.VARCHAR),
    UUID("uuid", Types.OTHER),
    LONG("int8", Types.BIGINT),
    INT("int4", Types.INTEGER),
    FLAG("bool", Types.BOOLEAN),
    TIME("timestamptz", Types.TIMESTAMP_WITH_TIMEZONE);

    /** PostgreSQL's name of the type. */
    private final String arrayElement;

    private final int jdbcType;

    ColumnType(String arrayElement, int jdbcType) {
        this.arrayElement = arrayElement;
        this.jdbcType = jdbcType;
    }

    String arrayElement() {
        return arrayElement;
    }

    void set(PreparedStatement statement, int position, @Nullable Object value) throws SQLException {
        if (value == null) {
            statement.setNull(position, jdbcType);
            return;
        }
        switch (this) {
            case TEXT -> statement.setString(position, StorableText.of((String) value));
            case UUID -> statement.setObject(position, (UUID) value);
            case LONG -> statement.setLong(position, (Long) value);
            case INT -> statement.setInt(position, (Integer) value);
            case FLAG -> statement.setBoolean(position, (Boolean) value);
            case TIME -> statement.setObject(position, micros((Instant) value).atOffset(ZoneOffset.UTC));
        }
    }

    /** The value as an element of PostgreSQL's array. */
    @Nullable
    Object element(@Nullable Object value) {
        if (value == null) {
            return null;
        }
        return switch (this) {
            case TEXT -> StorableText.of((String) value);
            case UUID -> value.toString();
            case TIME -> micros((Instant) value).toString();
            case LONG, INT, FLAG -> value;
        };
    }

    @Nullable
    Object[] array(int length) {
        return switch (this) {
            case TEXT, UUID, TIME -> new String[length];
            case LONG -> new Long[length];
            case INT -> new Integer[length];
            case FLAG -> new Boolean[length];
        };
    }

    /** What both databases keep; an Instant may carry nanoseconds, which PostgreSQL would round up. */
    private static Instant micros(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS);
    }
}
