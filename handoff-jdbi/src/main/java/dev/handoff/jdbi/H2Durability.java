package dev.handoff.jdbi;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Whether an H2 file keeps what it has acknowledged when the process is killed. */
final class H2Durability {
    /**
     * Its store header names the chunk before the one just written: the assignment that came first in 2.4.240 is gone. A
     * commit that went into reused space is not found again after a kill, with those that followed it.
     */
    private static final String LOSES_COMMITS = "2.5.252";

    /** Null for a database in memory. */
    private static final String PATH = "SELECT DATABASE_PATH()";

    private H2Durability() {}

    /** Whether this H2 outlives its process. */
    static boolean isFile(Handle handle) {
        try {
            return ask(handle.getConnection(), PATH) != null;
        } catch (SQLException failure) {
            throw new DatabaseException(failure);
        }
    }

    /** What is to be feared, each with its remedy; nothing for a database in memory. */
    static List<String> doubts(Connection connection) throws SQLException {
        String path = ask(connection, PATH);
        if (path == null) {
            return List.of();
        }
        List<String> doubts = new ArrayList<>();
        String delay = ask(
                connection,
                "SELECT MAX(SETTING_VALUE) FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'WRITE_DELAY'");
        if (delay != null && !delay.equals("0")) {
            doubts.add("the H2 file " + path + " writes " + delay + " ms after it has acknowledged; a process that is"
                    + " killed in between loses messages. Add ;WRITE_DELAY=0 to its URL, as H2Url.durable does");
        }
        String version = connection.getMetaData().getDatabaseProductVersion();
        if (version.startsWith(LOSES_COMMITS)) {
            doubts.add("H2 " + LOSES_COMMITS + " loses acknowledged commits of the file " + path
                    + " when the process is killed, whatever its settings. Use 2.4.240, or PostgreSQL");
        }
        return doubts;
    }

    private static @Nullable String ask(Connection connection, String question) throws SQLException {
        try (var statement = connection.createStatement();
                var answer = statement.executeQuery(question)) {
            return answer.next() ? answer.getString(1) : null;
        }
    }
}
