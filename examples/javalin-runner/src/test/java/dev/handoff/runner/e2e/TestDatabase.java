package dev.handoff.runner.e2e;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;

/** A fresh database, as the runner's settings name it. */
enum TestDatabase {
    H2 {
        @Override
        Map<String, String> fresh() {
            try {
                Path folder = Files.createTempDirectory("handoff-e2e-");
                return Map.of("HANDOFF_JDBC_URL", "jdbc:h2:file:" + folder.resolve("handoff"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    },
    POSTGRESQL {
        @Override
        Map<String, String> fresh() {
            String name = "e2e_" + UUID.randomUUID().toString().replace("-", "");
            EmbeddedPostgres server = Shared.SERVER;
            try (var connection = server.getPostgresDatabase().getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + name);
            } catch (SQLException e) {
                throw new IllegalStateException("cannot create " + name, e);
            }
            return settings(server, name);
        }
    };

    /** The settings that bring a runner up on a database that nobody has used. */
    abstract Map<String, String> fresh();

    /** The settings for a database of this server. */
    static Map<String, String> settings(EmbeddedPostgres server, String database) {
        return Map.of(
                "HANDOFF_JDBC_URL",
                "jdbc:postgresql://localhost:" + server.getPort() + "/" + database,
                "HANDOFF_DB_USER",
                "postgres",
                "HANDOFF_DB_PASSWORD",
                "postgres");
    }

    /** One server for all tests of this JVM; it ends with it. */
    private static final class Shared {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .setServerConfig("full_page_writes", "off")
                        .setServerConfig("max_connections", "200")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot start PostgreSQL", e);
            }
        }
    }
}
