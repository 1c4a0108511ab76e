package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresServersTest {
    @ParameterizedTest
    @ValueSource(ints = {PostgresServers.OLDEST, PostgresServers.NEWEST})
    void a_test_names_the_version_it_runs_on(int version) throws SQLException {
        assertThat(ask(PostgresServers.jdbcUrl(version), "SHOW server_version")).startsWith(version + ".");
    }

    @Test
    void a_test_that_names_none_gets_the_version_that_the_build_was_asked_for() throws SQLException {
        String asked = System.getProperty("handoff.test.postgres.version", PostgresServers.NEWEST + ".");
        assertThat(ask(PostgresServers.jdbcUrl(), "SHOW server_version")).startsWith(asked.split("\\.")[0] + ".");
    }

    @Test
    void every_call_gives_a_database_of_its_own() throws SQLException {
        String one = ask(PostgresServers.jdbcUrl(), "SELECT current_database()");
        String other = ask(PostgresServers.jdbcUrl(), "SELECT current_database()");
        assertThat(one).isNotEqualTo(other);
    }

    private static String ask(String jdbcUrl, String question) throws SQLException {
        try (var connection = DriverManager.getConnection(jdbcUrl);
                var answer = connection.createStatement().executeQuery(question)) {
            answer.next();
            return answer.getString(1);
        }
    }
}
