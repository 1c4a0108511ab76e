package dev.handoff.jdbi;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;

/** Listens to the statements that a Jdbi runs, and keeps the SQL states of those that failed. */
class Troubles implements SqlLogger {
    private final List<String> states = new CopyOnWriteArrayList<>();

    @Override
    public void logException(StatementContext context, SQLException failure) {
        states.add(String.valueOf(failure.getSQLState()));
    }

    List<String> states() {
        return states;
    }
}
