package dev.handoff.runner.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A PostgreSQL primary and its replica, each of which may die and be made anew from the other. Commits are synchronous:
 * none is answered before the replica has it on disk, and none at all while there is no replica. Closing it ends both and
 * removes their data.
 */
final class ReplicatedPostgres implements ClusterDatabase {
    /**
     * The name under which the replica, and nobody else, is waited for. {@code *} would do for {@code pg_basebackup} too,
     * which receives what is written while it copies: commits would be answered that are in half a copy only.
     */
    private static final String REPLICA = "replica";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** One of the two. A new server of the same place has the port of the one before. */
    private static final class Server {
        private final int port;
        private final Path data;
        private final Path log;
        private volatile Process postmaster;

        Server(Path folder, String name) throws IOException {
            port = RunnerProcess.freePort();
            data = folder.resolve(name);
            log = folder.resolve(name + ".log");
        }
    }

    private final PostgresPrograms programs;
    private final Path folder;
    private volatile Server primary;
    private volatile Server replica;

    /** On which the replica hears of what the primary writes. */
    private volatile Wire replication;

    private boolean closed;

    private ReplicatedPostgres(PostgresPrograms programs) throws IOException {
        this.programs = programs;
        folder = Files.createTempDirectory("handoff-failover-");
        if (isRoot()) {
            Files.setOwner(
                    folder,
                    folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres"));
        }
        primary = new Server(folder, "a");
        replica = new Server(folder, "b");
    }

    static ReplicatedPostgres start() {
        PostgresPrograms programs = PostgresPrograms.installed();
        try {
            ReplicatedPostgres pair = new ReplicatedPostgres(programs);
            try {
                pair.run(
                        "initdb",
                        "-D",
                        pair.primary.data.toString(),
                        "-U",
                        "postgres",
                        "-A",
                        "trust",
                        "--no-sync",
                        "-E",
                        "UTF8",
                        "--locale=C");
                pair.launch(pair.primary, List.of());
                pair.awaitAnswer(pair.primary, "SELECT NOT pg_is_in_recovery()");
                pair.makeReplica();
                return pair;
            } catch (RuntimeException | Error e) {
                pair.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start PostgreSQL", e);
        }
    }

    @Override
    public List<Integer> ports() {
        return Stream.of(primary.port, replica.port).sorted().toList();
    }

    int primaryPort() {
        return primary.port;
    }

    @Override
    public void create(String database) {
        try (Connection connection = connect(primary);
                var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + database);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot create " + database, e);
        }
    }

    /**
     * The primary dies as with its machine (SIGKILL, all of its processes), and the replica is promoted.
     *
     * @param behind for how long nothing of what the primary wrote has reached the replica by then
     */
    void failOver(Duration behind) {
        replication.hold();
        LockSupport.parkNanos(behind.toNanos());
        kill(primary);
        replication.close();
        Server dead = primary;
        primary = replica;
        replica = dead;
        awaitAnswer(primary, "SELECT pg_promote(true, 30)");
    }

    /** Makes a replica of the present primary in the dead one's place; until it has caught up, nothing is committed. */
    void makeReplica() {
        remove(replica.data);
        run(
                "pg_basebackup",
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(primary.port),
                "-U",
                "postgres",
                "-D",
                replica.data.toString(),
                "-X",
                "stream",
                "-c",
                "fast",
                "-R",
                "--no-sync");
        replication = Wire.toPostgres(primary.port);
        launch(
                replica,
                List.of(
                        "-c",
                        "primary_conninfo=host=127.0.0.1 port=" + replication.port()
                                + " user=postgres application_name=" + REPLICA));
        awaitAnswer(
                primary,
                "SELECT count(*) = 1 FROM pg_stat_replication WHERE application_name = '" + REPLICA
                        + "' AND state = 'streaming' AND sync_state = 'sync'");
    }

    /** Where a commit was answered though the replica did not have it: PostgreSQL calls that a success, with a warning. */
    List<String> waitsCancelled() {
        return Stream.of(primary.log, replica.log)
                .flatMap(log -> {
                    try {
                        return Files.readAllLines(log).stream();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .filter(line -> line.contains("wait for synchronous replication"))
                .toList();
    }

    /** Both servers have the same settings, so that a replica waits for one of its own from the moment it is promoted. */
    private synchronized void launch(Server server, List<String> further) {
        if (closed) {
            throw new IllegalStateException("this PostgreSQL was closed");
        }
        List<String> command = asItsUser("postgres", "-D", server.data.toString());
        Stream.of(
                        "port=" + server.port,
                        "listen_addresses=127.0.0.1",
                        "unix_socket_directories=",
                        "max_connections=200",
                        "shared_buffers=32MB",
                        // Segments that outlive a killed server are left in its data, which is removed.
                        "dynamic_shared_memory_type=mmap",
                        // What is written survives the death of processes; that of a machine is played, not suffered.
                        "fsync=off",
                        "wal_keep_size=256MB",
                        "synchronous_commit=on",
                        "synchronous_standby_names=" + REPLICA)
                .forEach(setting -> command.addAll(List.of("-c", setting)));
        command.addAll(further);
        try {
            server.postmaster = begin(command, server.log);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start PostgreSQL", e);
        }
    }

    private void awaitAnswer(Server server, String yesOrNo) {
        Await.until("PostgreSQL says yes to " + yesOrNo + "; see " + server.log, PATIENCE, () -> {
            if (!server.postmaster.isAlive()) {
                throw new IllegalStateException("PostgreSQL ended:\n" + Files.readString(server.log));
            }
            try (Connection connection = connect(server);
                    var statement = connection.createStatement();
                    var row = statement.executeQuery(yesOrNo)) {
                return row.next() && row.getBoolean(1);
            }
        });
    }

    private static Connection connect(Server server) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + server.port + "/postgres?connectTimeout=2&socketTimeout=30",
                "postgres",
                "");
    }

    private void run(String program, String... arguments) {
        Path log = folder.resolve(program + ".log");
        try {
            Process process = begin(asItsUser(program, arguments), log);
            try {
                if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                    throw new IllegalStateException(program + " failed:\n" + Files.readString(log));
                }
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + program, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + program + " ran", e);
        }
    }

    private List<String> asItsUser(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            // PostgreSQL refuses root; its package has made a user for it.
            command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"));
        }
        command.add(programs.path(program));
        command.addAll(List.of(arguments));
        return command;
    }

    private Process begin(List<String> command, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        // What names servers and data elsewhere is not for these; messages are read by whoever reads the log.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** Ends all processes of a server at one moment, none of which may clean up: its shared memory is removed here. */
    private static void kill(Server server) {
        if (server.postmaster == null || !server.postmaster.isAlive()) {
            return;
        }
        String sharedMemory = sharedMemory(server);
        long postmaster = server.postmaster.pid();
        // Once it is held it begins no more.
        RunnerProcess.signal("STOP", postmaster);
        RunnerProcess.signal(
                "KILL",
                Stream.concat(Stream.of(server.postmaster.toHandle()), server.postmaster.descendants())
                        .mapToLong(ProcessHandle::pid)
                        .toArray());
        try {
            server.postmaster.waitFor();
            if (!sharedMemory.isEmpty()) {
                new ProcessBuilder("ipcrm", "-m", sharedMemory)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove a killed server's shared memory", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The id of the segment by which PostgreSQL knows whether processes of a dead server live; empty before there is one. */
    private static String sharedMemory(Server server) {
        try {
            List<String> lines = Files.readAllLines(server.data.resolve("postmaster.pid"));
            String[] keyAndId =
                    lines.size() < 7 ? new String[0] : lines.get(6).strip().split("\\s+");
            return keyAndId.length < 2 ? "" : keyAndId[1];
        } catch (IOException notThereYet) {
            return "";
        }
    }

    private static void remove(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + directory, e);
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        kill(primary);
        kill(replica);
        if (replication != null) {
            replication.close();
        }
        remove(folder);
    }
}
