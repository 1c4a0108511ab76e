package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.model.MessageOwner;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.SchemaException;
import dev.handoff.testkit.Draft;
import java.sql.SQLException;
import java.time.Duration;
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
    void I5_no_open_conversation_can_be_without_its_deadline(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            Samples.opened(database.store(), "c1");

            for (String column : List.of("deadline_at", "due_at", "open_key")) {
                assertRefused(database, "23", "UPDATE handoff_conversation SET " + column + " = NULL");
            }
            assertRefused(database, "23", "UPDATE handoff_conversation SET status = 'AGENT_CLOSED'");
        }
    }

    @ParameterizedTest
    @EnumSource
    void I3_I10_nothing_that_is_one_can_be_two(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            JdbiConversationStore store = database.store();
            store.commit(List.of(Draft.opening(Samples.address("c1"), store.now())
                    .hears("hello")
                    .hears("again")
                    .says(MessageOwner.AGENT, "hi")
                    .once(Samples.inbound("SM1"))
                    .done()));
            store.commit(List.of(Draft.opening(Samples.address("c2"), store.now())
                    .says(MessageOwner.AGENT, "hi")
                    .once(Samples.inbound("SM2"))
                    .done()));
            assertThat(store.claimPermits(PermitRequest.upTo(2, Duration.ofMinutes(1))))
                    .hasSize(2);

            for (String update : List.of(
                    "conversation SET open_key = (SELECT min(open_key) FROM handoff_conversation)",
                    "conversation SET id = (SELECT o.id FROM handoff_conversation o WHERE o.customer = 'c1')",
                    "message SET seq = 1",
                    "event SET seq = 1",
                    "dedupe SET once_key = 'the same'",
                    "attempt SET provider_id = 'the same'")) {
                assertRefused(database, "23505", "UPDATE handoff_" + update);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void no_table_has_a_foreign_key_that_would_lock_rows_of_another(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            List<String> kinds = database.jdbi()
                    .withHandle(handle -> handle.createQuery(
                                    "SELECT DISTINCT constraint_type FROM information_schema.table_constraints"
                                            + " WHERE lower(table_name) LIKE 'handoff%'")
                            .mapTo(String.class)
                            .list());

            assertThat(kinds).contains("PRIMARY KEY", "UNIQUE").doesNotContain("FOREIGN KEY");
        }
    }

    private static void assertRefused(TestDatabase database, String state, String statement) {
        assertThatThrownBy(() -> database.jdbi().useHandle(handle -> handle.execute(statement)))
                .as(statement)
                .cause()
                .isInstanceOfSatisfying(
                        SQLException.class,
                        refused -> assertThat(refused.getSQLState()).startsWith(state));
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
    void a_database_of_version_1_gets_what_has_come_since(Dialect dialect) {
        try (TestDatabase database = TestDatabase.of(dialect).migrated()) {
            database.jdbi().useHandle(handle -> {
                handle.execute("DROP INDEX handoff_outbox_line");
                handle.execute("ALTER TABLE handoff_conversation DROP COLUMN window_warn_at");
                handle.execute("DROP TABLE handoff_sender");
                handle.execute("DELETE FROM handoff_schema_version WHERE version > 1");
            });
            assertThatThrownBy(() -> database.store().verify())
                    .isInstanceOf(SchemaException.class)
                    .hasMessageContaining("column handoff_conversation.window_warn_at")
                    .hasMessageContaining("handoff_sender");

            database.store().schema().migrate();

            assertThatCode(() -> database.store().verify()).doesNotThrowAnyException();
            assertThat(versions(database)).containsExactly(1, 2, 3, 4, 5, 6);
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
            assertThat(versions(database)).containsExactly(1, 2, 3, 4, 5, 6);
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
            assertThat(versions(database)).containsExactly(1, 2, 3, 4, 5, 6);
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
