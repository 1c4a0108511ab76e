package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.store.SchemaException;
import dev.handoff.testkit.Draft;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class JdbiSchemaTest {

    @ParameterizedTest
    @EnumSource
    void verify_names_every_missing_table_and_says_what_to_do(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect)) {
            assertThatThrownBy(() -> database.store().verify())
                    .isInstanceOf(SchemaException.class)
                    .hasMessageContaining("table handoff_conversation, table handoff_message")
                    .hasMessageContaining("table handoff_feed_head")
                    .hasMessageContaining("migrate()");
        }
    }

    @ParameterizedTest
    @EnumSource
    void verify_names_a_missing_column(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            database.jdbi().useHandle(handle -> {
                handle.execute("ALTER TABLE handoff_outbox DROP COLUMN attempted_at");
                handle.execute("ALTER TABLE handoff_agent DROP COLUMN capacity");
            });

            assertThatThrownBy(() -> database.store().verify())
                    .isInstanceOf(SchemaException.class)
                    .hasMessageStartingWith(
                            "the database lacks column handoff_outbox.attempted_at, column handoff_agent.capacity;");
        }
    }

    @ParameterizedTest
    @EnumSource
    void I3_I10_verify_names_a_missing_unique_key(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            database.jdbi().useHandle(handle -> {
                handle.execute("ALTER TABLE handoff_conversation DROP CONSTRAINT handoff_one_open");
                handle.execute(
                        dialect == Dialect.H2
                                ? "ALTER TABLE handoff_dedupe DROP PRIMARY KEY"
                                : "ALTER TABLE handoff_dedupe DROP CONSTRAINT handoff_dedupe_pkey");
            });

            assertThatThrownBy(() -> database.store().verify())
                    .isInstanceOf(SchemaException.class)
                    .hasMessageStartingWith("the database lacks a unique key of handoff_conversation on (tenant,"
                            + " open_key), a unique key of handoff_dedupe on (tenant, kind, once_key);");
        }
    }

    @ParameterizedTest
    @EnumSource
    void verify_knows_every_column_that_the_scripts_make(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            for (String table : TestDatabase.TABLES) {
                List<String> columns = database.jdbi()
                        .withHandle(
                                handle -> handle.createQuery("SELECT lower(column_name) FROM information_schema.columns"
                                                + " WHERE lower(table_name) = :table ORDER BY ordinal_position")
                                        .bind("table", "handoff_" + table)
                                        .mapTo(String.class)
                                        .list());
                assertThat(columns).isNotEmpty();
                database.jdbi().useHandle(handle -> handle.execute("DROP TABLE handoff_" + table));
                database.jdbi()
                        .useHandle(handle -> handle.execute("CREATE TABLE handoff_" + table + " (none integer)"));
                assertThatThrownBy(() -> database.store().verify())
                        .hasMessageContaining(columns.stream()
                                .map(column -> "column handoff_" + table + "." + column)
                                .reduce((one, other) -> one + ", " + other)
                                .orElseThrow());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void migrating_twice_changes_nothing_the_second_time(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            Instant now = database.store().now();
            var change = Draft.opening(Samples.address("c1"), now).hears("kept").done();
            database.store().commit(List.of(change));

            database.store().schema().migrate();

            assertThat(database.store().conversation(change.next().id())).contains(change.next());
            assertThat(versions(database)).containsExactly(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void many_nodes_may_migrate_at_once(Dialect dialect) throws Exception {
        int nodes = 6;
        var threads = Executors.newFixedThreadPool(nodes);
        try (TestDatabase database = TestDatabase.of(dialect)) {
            CyclicBarrier together = new CyclicBarrier(nodes);
            List<Future<?>> starts = new ArrayList<>();
            for (int i = 0; i < nodes; i++) {
                starts.add(threads.submit(() -> {
                    together.await();
                    database.store().schema().migrate();
                    return null;
                }));
            }
            for (Future<?> start : starts) {
                start.get();
            }

            assertThatCode(() -> database.store().verify()).doesNotThrowAnyException();
            assertThat(versions(database)).containsExactly(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource
    void two_stores_with_prefixes_of_their_own_share_a_database_and_nothing_else(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect)) {
            var one = JdbiConversationStore.builder(database.jdbi())
                    .tablePrefix("one_")
                    .build();
            var two = JdbiConversationStore.builder(database.jdbi())
                    .tablePrefix("two_")
                    .build();
            one.schema().migrate();
            two.schema().migrate();

            var change = Draft.opening(Samples.address("c1"), one.now()).done();
            one.commit(List.of(change));

            assertThat(one.conversation(change.next().id())).isPresent();
            assertThat(two.conversation(change.next().id())).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_host_that_ran_the_scripts_itself_may_verify_and_migrate(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect)) {
            JdbiSchema schema = JdbiSchema.of(database.jdbi());
            schema.scripts(dialect)
                    .forEach(script -> database.jdbi()
                            .useHandle(
                                    handle -> handle.createScript(script.sql()).execute()));

            assertThatCode(schema::verify).doesNotThrowAnyException();
            assertThatCode(schema::migrate).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Handoff_", "1st_", "a-b", "x;drop", "a_prefix_that_is_longer_than_thirty_letters_"})
    void a_prefix_that_is_no_name_is_refused(String prefix) {
        assertThatThrownBy(() -> JdbiSchema.checked(prefix))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lower-case");
    }

    private static List<Integer> versions(TestDatabase database) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("SELECT version FROM handoff_schema_version")
                        .mapTo(Integer.class)
                        .list());
    }
}
