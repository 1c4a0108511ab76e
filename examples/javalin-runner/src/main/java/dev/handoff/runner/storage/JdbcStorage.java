package dev.handoff.runner.storage;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.handoff.jdbi.H2Url;
import dev.handoff.jdbi.JdbiConversationStore;
import dev.handoff.jdbi.JdbiSchema;
import dev.handoff.runner.settings.RunnerSettings.DatabaseAddress;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Locale;
import org.jdbi.v3.core.Jdbi;

/**
 * H2 or PostgreSQL behind a pool. Opens no connection before {@link #prepare}. A caller waits for a connection for
 * {@link #WAIT_MILLIS} at most, so that a webhook is told in time that nothing was stored.
 */
public final class JdbcStorage implements Storage {
    private static final int CONNECTIONS = 16;
    private static final int IDLE_CONNECTIONS = 4;
    private static final long WAIT_MILLIS = 2_500;
    private static final long VALIDATION_MILLIS = 1_000;
    private static final int VALID_SECONDS = 2;

    /** Longer than any statement of ours should take, shorter than Twilio waits for a webhook. */
    private static final String SOCKET_SECONDS = "10";

    private static final int H2_IN_USE = 90020;

    private final DatabaseAddress address;
    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final ConversationStore store;

    public JdbcStorage(DatabaseAddress address) {
        this.address = address;
        this.pool = new HikariDataSource();
        configure(pool, address);
        this.jdbi = Jdbi.create(pool);
        this.store = JdbiConversationStore.on(jdbi);
    }

    private static void configure(HikariConfig config, DatabaseAddress address) {
        config.setPoolName("handoff");
        config.setJdbcUrl(address.isH2() ? h2(address.jdbcUrl()) : address.jdbcUrl());
        if (!address.user().isEmpty()) {
            config.setUsername(address.user());
            config.setPassword(address.password());
        }
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(IDLE_CONNECTIONS);
        config.setConnectionTimeout(WAIT_MILLIS);
        config.setValidationTimeout(VALIDATION_MILLIS);
        config.setInitializationFailTimeout(-1);
        if (!address.isH2()) {
            // What the URL says goes before these.
            config.addDataSourceProperty("ApplicationName", "handoff");
            config.addDataSourceProperty("connectTimeout", "2");
            config.addDataSourceProperty("socketTimeout", SOCKET_SECONDS);
            config.addDataSourceProperty("tcpKeepAlive", "true");
        }
    }

    /** The service closes the database when its workers have ended; H2's own hook would close it under their hands. */
    private static String h2(String url) {
        String durable = H2Url.durable(url);
        return durable.toUpperCase(Locale.ROOT).contains("DB_CLOSE_ON_EXIT")
                ? durable
                : durable + ";DB_CLOSE_ON_EXIT=FALSE";
    }

    @Override
    public ConversationStore store() {
        return store;
    }

    @Override
    public void prepare() {
        try (Connection connection = pool.getConnection()) {
            connection.isValid(VALID_SECONDS);
        } catch (SQLException e) {
            SQLException reason = deepest(e);
            if (mayHeal(reason)) {
                throw new NotYetException(String.valueOf(reason.getMessage()), e);
            }
            throw new IllegalStateException(
                    "the database at " + address + " cannot be used: " + reason.getMessage(), e);
        }
        try {
            JdbiSchema.of(jdbi).migrate();
        } catch (StoreUnavailableException e) {
            throw new NotYetException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public boolean answers() {
        try (Connection connection = pool.getConnection()) {
            return connection.isValid(VALID_SECONDS);
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public void close() {
        pool.close();
    }

    /**
     * A server that is not up yet, has no room, or a file that the process before us still holds, heals; a wrong password
     * (class 28), a database that does not exist (3D) or a path that cannot be written does not.
     */
    private boolean mayHeal(SQLException reason) {
        if (reason instanceof SQLTransientConnectionException) {
            // The pool gave up waiting before the driver had said anything: a file that is being recovered takes its
            // time.
            return true;
        }
        if (address.isH2()) {
            return reason.getErrorCode() == H2_IN_USE;
        }
        String state = String.valueOf(reason.getSQLState());
        return !state.startsWith("28") && !state.startsWith("3D");
    }

    /** The pool wraps what the driver says. */
    private static SQLException deepest(SQLException e) {
        SQLException deepest = e;
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException inner) {
                deepest = inner;
            }
        }
        return deepest;
    }
}
