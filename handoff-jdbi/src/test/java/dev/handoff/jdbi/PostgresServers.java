package dev.handoff.jdbi;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Real PostgreSQL servers for tests: one a version, started when it is first asked for, shared by all tests of this JVM
 * and stopped when it exits. Every call gives a fresh, empty database, so tests cannot see each other.
 */
final class PostgresServers {
    /** The oldest and the newest version that a test can name. */
    static final int OLDEST = 15;

    static final int NEWEST = 18;

    /** Where the build puts the servers' archives, each named after its version. */
    private static final Path BINARIES =
            Path.of(System.getProperty("handoff.test.postgres.binaries", "target/postgres"));

    private static final String DEFAULT_VERSION =
            System.getProperty("handoff.test.postgres.version", String.valueOf(NEWEST));

    private static final Map<String, EmbeddedPostgres> RUNNING = new ConcurrentHashMap<>();
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private PostgresServers() {}

    /** The JDBC URL of a fresh database on the version that the build was asked to test. */
    static String jdbcUrl() {
        return freshDatabase(DEFAULT_VERSION);
    }

    /** The JDBC URL of a fresh database on the given major version. */
    static String jdbcUrl(int majorVersion) {
        return freshDatabase(String.valueOf(majorVersion));
    }

    private static String freshDatabase(String version) {
        EmbeddedPostgres server = RUNNING.computeIfAbsent(major(version), major -> start(archiveOf(version)));
        String name = "test_" + DATABASES.incrementAndGet();
        try (var connection = server.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot create " + name + " on " + server, e);
        }
        return server.getJdbcUrl("postgres", name);
    }

    private static String major(String version) {
        return version.split("\\.", 2)[0];
    }

    private static EmbeddedPostgres start(Path archive) {
        try {
            // A crashed connection or backend must not take acknowledged commits with it, as no real server would:
            // so commits are synchronous, while fsync stays off, since no test pulls the machine's plug.
            return EmbeddedPostgres.builder()
                    .setPgBinaryResolver((system, hardware) -> serverIn(archive))
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("fsync", "off")
                    .setServerConfig("full_page_writes", "off")
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start the PostgreSQL of " + archive, e);
        }
    }

    private static Path archiveOf(String version) {
        String wanted = "-" + version + (version.contains(".") ? ".jar" : ".");
        try (var archives = Files.list(BINARIES)) {
            return archives.filter(file -> file.getFileName().toString().contains(wanted))
                    .findFirst()
                    .orElseThrow(() ->
                            new IllegalStateException("no PostgreSQL " + version + " in " + BINARIES.toAbsolutePath()));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    BINARIES.toAbsolutePath() + " is missing: run ./mvnw -pl handoff-jdbi -am test-compile once", e);
        }
    }

    private static InputStream serverIn(Path archive) throws IOException {
        try (var jar = new ZipInputStream(Files.newInputStream(archive))) {
            for (ZipEntry entry = jar.getNextEntry(); entry != null; entry = jar.getNextEntry()) {
                if (entry.getName().endsWith(".txz")) {
                    return new ByteArrayInputStream(jar.readAllBytes());
                }
            }
        }
        throw new IOException("no server in " + archive);
    }
}
