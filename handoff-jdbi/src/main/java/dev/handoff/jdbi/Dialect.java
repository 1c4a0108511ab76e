package dev.handoff.jdbi;

import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.Locale;

/** The databases that the store speaks to. */
public enum Dialect {
    /** PostgreSQL 15 and later. */
    POSTGRESQL,
    /** H2 2.x, for development, tests and small installations of one process. */
    H2;

    /** The name of its folder in the jar. */
    String folder() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Dialect of(DatabaseMetaData database) throws SQLException {
        String product = database.getDatabaseProductName();
        return switch (product) {
            case "PostgreSQL" -> POSTGRESQL;
            case "H2" -> H2;
            default ->
                throw new IllegalStateException("the store speaks to PostgreSQL and H2, not to " + product
                        + "; give it a Jdbi of one of these");
        };
    }
}
