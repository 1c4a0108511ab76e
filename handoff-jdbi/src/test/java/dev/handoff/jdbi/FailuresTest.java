package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.store.StoreUnavailableException;
import java.sql.SQLException;
import org.jdbi.v3.core.ConnectionException;
import org.junit.jupiter.api.Test;

class FailuresTest {

    @Test
    void a_pool_that_gives_no_connection_is_a_store_that_is_not_available_whatever_it_says() {
        assertThat(Failures.told(new ConnectionException(new SQLException("pool exhausted"))))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("pool exhausted");
        assertThat(Failures.kindOf(new ConnectionException(new SQLException("lock wait in the pool", "HYT00"))))
                .isEqualTo(Failures.Kind.UNAVAILABLE);
    }

    @Test
    void a_statement_that_is_wrong_is_not() {
        assertThat(Failures.kindOf(new DatabaseException(new SQLException("no such column", "42703"))))
                .isEqualTo(Failures.Kind.FINAL);
    }
}
