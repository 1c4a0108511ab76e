package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.store.StoreUnavailableException;
import java.sql.SQLException;
import org.jdbi.v3.core.ConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailuresTest {

    @Test
    void a_pool_that_gives_no_connection_is_a_store_that_is_not_available_whatever_it_says() {
        assertThat(Failures.told(new ConnectionException(new SQLException("pool exhausted"))))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("pool exhausted");
        assertThat(Failures.kindOf(new ConnectionException(new SQLException("lock wait in the pool", "HYT00"))))
                .isEqualTo(Failures.Kind.UNAVAILABLE);
    }

    /** Serialization, deadlock, lock time-outs of PostgreSQL and H2, and a row that H2 found changed under its hands. */
    @ParameterizedTest
    @CsvSource({"40001,0", "40P01,0", "55P03,0", "HYT00,50200", "90131,90131"})
    void a_lost_race_is_begun_again(String state, int code) {
        SQLException failure = new SQLException("lost", state, code);

        assertThat(Failures.told(new DatabaseException(failure))).isInstanceOf(Failures.LostRace.class);
    }

    @Test
    void a_statement_that_is_wrong_is_neither() {
        assertThat(Failures.kindOf(new DatabaseException(new SQLException("no such column", "42703"))))
                .isEqualTo(Failures.Kind.FINAL);
    }
}
