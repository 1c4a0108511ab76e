package dev.handoff.jdbi;

import dev.handoff.model.HandoffException;
import java.sql.SQLException;

/** The database's own refusal, where no statement of Jdbi's was in between. */
final class DatabaseException extends HandoffException {
    private static final long serialVersionUID = 1L;

    DatabaseException(SQLException cause) {
        super(String.valueOf(cause.getMessage()), cause);
    }
}
