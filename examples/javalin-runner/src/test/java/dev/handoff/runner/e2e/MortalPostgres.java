package dev.handoff.runner.e2e;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL of a test's own that can be ended without farewell (an immediate shutdown, with crash recovery at the next
 * start) and started again on the same port and data. Closing it ends it and removes its data.
 */
final class MortalPostgres implements ClusterDatabase {
    private final EmbeddedPostgres server;
    private final List<String> command;
    private volatile Process postmaster;
    private boolean closed;

    private MortalPostgres(EmbeddedPostgres server) throws IOException {
        this.server = server;
        this.postmaster = server.getProcess();
        this.command = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            // PostgreSQL refuses root, as whom the first start was not either.
            command.addAll(List.of("unshare", "-U"));
        }
        command.addAll(howItWasStarted(server));
    }

    static MortalPostgres start() {
        try {
            EmbeddedPostgres server = EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "off")
                    .setServerConfig("max_connections", "200")
                    .start();
            try {
                return new MortalPostgres(server);
            } catch (IOException | RuntimeException e) {
                server.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start PostgreSQL", e);
        }
    }

    /** PostgreSQL writes its command line beside its data: {@code /bin/postgres "-D" "/data" …}. */
    private static List<String> howItWasStarted(EmbeddedPostgres server) throws IOException {
        try (var connection = server.getPostgresDatabase().getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SHOW data_directory")) {
            row.next();
            String line = Files.readString(Path.of(row.getString(1), "postmaster.opts"))
                    .strip();
            return Stream.of(line.split(" (?=\")"))
                    .map(part -> part.replace("\"", ""))
                    .toList();
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL does not say where its data is", e);
        }
    }

    @Override
    public List<Integer> ports() {
        return List.of(server.getPort());
    }

    @Override
    public void create(String database) {
        try (var connection = server.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + database);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot create " + database, e);
        }
    }

    /** What {@code pg_ctl stop -m immediate} does: every backend ends where it stands, and nothing is written out. */
    void endImmediately() throws InterruptedException {
        RunnerProcess.signal("QUIT", postmaster.pid());
        if (!postmaster.waitFor(30, TimeUnit.SECONDS)) {
            postmaster.destroyForcibly().waitFor();
        }
    }

    /** Starts again what has ended, and waits until it has recovered. */
    void startAgain() {
        launch();
        Await.until("PostgreSQL has recovered", Duration.ofSeconds(60), () -> {
            if (!postmaster.isAlive()) {
                throw new IllegalStateException("PostgreSQL ended with " + postmaster.exitValue() + ": " + command);
            }
            try (var connection = server.getPostgresDatabase().getConnection()) {
                return connection.isValid(2);
            }
        });
    }

    private synchronized void launch() {
        if (closed) {
            throw new IllegalStateException("this PostgreSQL was closed");
        }
        try {
            postmaster = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start PostgreSQL again", e);
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL could not be closed", e);
        } finally {
            if (postmaster.isAlive()) {
                RunnerProcess.signal("QUIT", postmaster.pid());
            }
        }
    }
}
