package dev.handoff.webchat;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** A database that does not do what it is asked to, once, and counts how often it is asked for a connection. */
final class TroubledDatabase implements DataSource {
    enum Trouble {
        NONE,
        IS_AWAY,
        LOCK_TIMES_OUT,
        COMMITS_AND_CUTS,
        COMMITS_AND_IS_SILENT,
        CUTS_BEFORE_THE_COMMIT
    }

    private final DataSource database;
    private final AtomicReference<Trouble> next = new AtomicReference<>(Trouble.NONE);
    private final AtomicInteger asked = new AtomicInteger();

    TroubledDatabase(DataSource database) {
        this.database = database;
    }

    void next(Trouble trouble) {
        next.set(trouble);
    }

    int asked() {
        return asked.get();
    }

    @Override
    public Connection getConnection() throws SQLException {
        asked.incrementAndGet();
        Trouble trouble = next.getAndSet(Trouble.NONE);
        if (trouble == Trouble.IS_AWAY) {
            throw new SQLException("nobody listens there", "08001");
        }
        Connection connection = database.getConnection();
        return trouble == Trouble.NONE ? connection : troubled(connection, trouble);
    }

    private static Connection troubled(Connection connection, Trouble trouble) {
        return (Connection) Proxy.newProxyInstance(
                TroubledDatabase.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    if (method.getName().equals("prepareStatement") && trouble == Trouble.LOCK_TIMES_OUT) {
                        throw new SQLException("somebody else has it", "HYT00");
                    }
                    if (method.getName().equals("commit")) {
                        if (trouble == Trouble.CUTS_BEFORE_THE_COMMIT) {
                            connection.rollback();
                            throw new SQLException("the connection broke", "08006");
                        }
                        connection.commit();
                        throw trouble == Trouble.COMMITS_AND_IS_SILENT
                                ? new SQLTimeoutException("no answer in time")
                                : new SQLException("the connection broke", "08006");
                    }
                    try {
                        return method.invoke(connection, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        return getConnection();
    }

    @Override
    public PrintWriter getLogWriter() throws SQLException {
        return database.getLogWriter();
    }

    @Override
    public void setLogWriter(PrintWriter out) throws SQLException {
        database.setLogWriter(out);
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        database.setLoginTimeout(seconds);
    }

    @Override
    public int getLoginTimeout() throws SQLException {
        return database.getLoginTimeout();
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return database.unwrap(type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return database.isWrapperFor(type);
    }
}
