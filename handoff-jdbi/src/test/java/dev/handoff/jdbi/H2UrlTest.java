package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class H2UrlTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:h2:file:./data/handoff",
                "jdbc:h2:./data/handoff",
                "jdbc:h2:~/handoff",
                "jdbc:h2:/var/lib/handoff;MODE=PostgreSQL",
                "jdbc:h2:nio:/var/lib/handoff"
            })
    void a_file_database_is_told_to_write_before_it_answers(String url) {
        assertThat(H2Url.durable(url)).isEqualTo(url + ";WRITE_DELAY=0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:h2:mem:test",
                "jdbc:h2:tcp://localhost/~/handoff",
                "jdbc:h2:zip:~/handoff.zip!/handoff",
                "jdbc:postgresql://localhost/handoff"
            })
    void what_is_no_file_is_left_alone(String url) {
        assertThat(H2Url.durable(url)).isEqualTo(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:h2:file:./handoff;WRITE_DELAY=500;MODE=PostgreSQL",
                "jdbc:h2:file:./handoff;write_delay=0;MODE=PostgreSQL",
                "jdbc:h2:file:./handoff;MODE=PostgreSQL;WRITE_DELAY=0"
            })
    void a_delay_that_the_address_names_gives_way(String url) {
        assertThat(H2Url.durable(url)).isEqualTo("jdbc:h2:file:./handoff;MODE=PostgreSQL;WRITE_DELAY=0");
    }
}
