package dev.handoff.webchat.host;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** All of it on PostgreSQL: the mailbox's SQL is one for both. */
class WebChatOnPostgresTest extends WebChatHostTest {
    private static EmbeddedPostgres server;

    @BeforeAll
    static void startServer() throws IOException {
        server = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "off")
                .setServerConfig("max_connections", "200")
                .start();
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
    }

    @Override
    Map<String, String> freshDatabase() {
        String name = "webchat_" + UUID.randomUUID().toString().replace("-", "");
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot create " + name, e);
        }
        return Map.of(
                "HANDOFF_JDBC_URL",
                "jdbc:postgresql://localhost:" + server.getPort() + "/" + name,
                "HANDOFF_DB_USER",
                "postgres",
                "HANDOFF_DB_PASSWORD",
                "postgres");
    }
}
