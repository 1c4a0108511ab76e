package dev.handoff.jdbi;

import dev.handoff.store.StoreUnavailableException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;

/** Tells the database's failures apart by what can be done about them. */
final class Failures {

    /** What can be done. */
    enum Kind {
        /** Deadlock, serialization, lock time-out: nothing was kept; run the whole transaction again. */
        RACE,
        /** No connection, or one that broke: nobody knows what was kept. */
        UNAVAILABLE,
        /** Something that would fail again. */
        FINAL
    }

    /** A race that was lost; the transaction is rolled back already. */
    static final class LostRace extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LostRace(Throwable cause) {
            super(cause);
        }
    }

    private static final Set<String> RACES = Set.of("40001", "40P01", "55P03", "HYT00");
    private static final int H2_CONCURRENT_UPDATE = 90131;

    /**
     * PostgreSQL: cancelled or shut down by an operator, in recovery, out of connections, memory or disk, cut off while
     * idle in a transaction, or read-only since this server is a standby now.
     */
    private static final Set<String> UNAVAILABLE =
            Set.of("57014", "57P01", "57P02", "57P03", "57P05", "25P03", "25P04", "25006");

    /** H2: in use elsewhere, file trouble, closed, broken. */
    private static final Set<Integer> H2_UNAVAILABLE = Set.of(90007, 90020, 90028, 90031, 90067, 90098, 90108, 90121);

    private Failures() {}

    static Kind kindOf(Throwable failure) {
        if (hasNoConnection(failure)) {
            return Kind.UNAVAILABLE;
        }
        SQLException cause = sqlCause(failure);
        if (cause == null) {
            return Kind.FINAL;
        }
        String state = cause.getSQLState() == null ? "" : cause.getSQLState();
        int code = cause.getErrorCode();
        if (RACES.contains(state) || code == H2_CONCURRENT_UPDATE) {
            return Kind.RACE;
        }
        boolean unavailable = cause instanceof SQLTransientConnectionException
                || cause instanceof SQLNonTransientConnectionException
                || cause instanceof SQLRecoverableException
                || state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("58")
                || UNAVAILABLE.contains(state)
                || H2_UNAVAILABLE.contains(code);
        return unavailable ? Kind.UNAVAILABLE : Kind.FINAL;
    }

    /** The failure as callers are told of it. */
    static RuntimeException told(RuntimeException failure) {
        if (failure instanceof StoreUnavailableException || failure instanceof LostRace) {
            return failure;
        }
        return switch (kindOf(failure)) {
            case RACE -> new LostRace(failure);
            case UNAVAILABLE ->
                new StoreUnavailableException("the database did not answer: " + reason(failure), failure);
            case FINAL -> failure;
        };
    }

    static boolean isDuplicate(Throwable failure) {
        SQLException cause = sqlCause(failure);
        return cause != null && "23505".equals(cause.getSQLState());
    }

    static boolean isMissingTable(Throwable failure) {
        SQLException cause = sqlCause(failure);
        String state = cause == null ? "" : String.valueOf(cause.getSQLState());
        return state.equals("42P01") || state.equals("42S02") || state.equals("42S04") || state.equals("3F000");
    }

    static String reason(Throwable failure) {
        SQLException cause = sqlCause(failure);
        return cause == null ? String.valueOf(failure.getMessage()) : String.valueOf(cause.getMessage());
    }

    /** Whatever a pool says of why it gives none: nothing has reached the database. */
    private static boolean hasNoConnection(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectionException) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable SQLException sqlCause(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException found) {
                // A batch reports its first failure, with its state, in the chain that getNextException begins.
                SQLException next = found.getNextException();
                return found.getSQLState() == null && next != null ? next : found;
            }
        }
        return null;
    }
}
