package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.handoff.model.Conversation;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.CommitResult.Committed;
import dev.handoff.store.CommitResult.Conflict;
import dev.handoff.store.StoreUnavailableException;
import dev.handoff.testkit.Draft;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.generic.GenericType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How the store's own transactions are set, whatever the host's pool is set to. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OwnTransactionsTest {

    /** The process hangs between two statements; nobody can tell it from one that is cut off. */
    @Test
    void a_process_that_hangs_in_a_transaction_keeps_its_locks_no_longer_than_the_idle_time_out() {
        try (TestDatabase database =
                TestDatabase.postgres(PostgresServers.NEWEST).migrated()) {
            JdbiConversationStore store = database.store();
            JdbiConversationStore hangs = JdbiConversationStore.builder(database.jdbi())
                    .idleTimeout(Duration.ofSeconds(1))
                    .build();
            ChangeSet due = Draft.opening(Samples.address("c1"), store.now())
                    .dueAt(store.now())
                    .done();
            store.commit(List.of(due));
            ChangeSet meanwhile =
                    Draft.of(due.next(), store.now()).hears("hello?").done();

            assertThatThrownBy(() -> hangs.sweep(1, hanging -> {
                        assertThat(store.commitPatiently(meanwhile)).isInstanceOf(Committed.class);
                        return Optional.of(Draft.of(Objects.requireNonNull(hanging.conversation()), hanging.now())
                                .closed()
                                .done());
                    }))
                    .isInstanceOf(StoreUnavailableException.class);

            assertThat(store.conversation(due.next().id())).contains(meanwhile.next());
        }
    }

    @Test
    void the_hosts_pool_gets_its_connection_back_as_it_was() {
        try (HikariDataSource pool = pool(Dialect.POSTGRESQL, null)) {
            pool.setMaximumPoolSize(1);
            Jdbi jdbi = Jdbi.create(pool);
            JdbiConversationStore store = JdbiConversationStore.on(jdbi);
            store.schema().migrate();
            Map<String, String> before = settings(jdbi);

            Conversation one = Samples.opened(store, "c1");
            Conversation two = Samples.opened(store, "c2");
            store.commit(List.of(
                    Draft.of(one, store.now()).hears("a").done(),
                    Draft.of(two, store.now()).hears("b").done()));
            assertThat(store.sequenceFeed(10)).isPositive();

            assertThat(settings(jdbi)).isEqualTo(before);
        }
    }

    /** In a stricter isolation, what another has changed meanwhile would be an error and no conflict. */
    @ParameterizedTest
    @EnumSource
    void a_pool_of_another_isolation_does_not_make_a_conflict_an_error(Dialect dialect) throws Exception {
        var thread = Executors.newSingleThreadExecutor();
        try (HikariDataSource pool = pool(dialect, "TRANSACTION_REPEATABLE_READ")) {
            Jdbi jdbi = Jdbi.create(pool);
            JdbiConversationStore store = JdbiConversationStore.builder(jdbi)
                    .lockTimeout(Duration.ofMinutes(1))
                    .build();
            store.schema().migrate();
            Conversation conversation = Samples.opened(store, "c1");
            ChangeSet late = Draft.of(conversation, store.now()).hears("late").done();
            Troubles troubles = new Troubles();
            jdbi.setSqlLogger(troubles);
            try (Handle faster = jdbi.open()) {
                faster.begin();
                faster.execute("UPDATE handoff_conversation SET version = version + 1");
                Future<CommitResult> committing = thread.submit(() -> store.commitPatiently(late));
                while (TestDatabase.waiting(jdbi) == 0 && !committing.isDone()) {
                    Thread.onSpinWait();
                }
                faster.commit();

                assertThat(committing.get(30, TimeUnit.SECONDS)).isInstanceOf(Conflict.class);
            }
            assertThat(troubles.states()).isEmpty();
        } finally {
            thread.shutdownNow();
        }
    }

    private static HikariDataSource pool(Dialect dialect, @Nullable String isolation) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(
                dialect == Dialect.H2
                        ? "jdbc:h2:mem:isolation;LOCK_TIMEOUT=60000"
                        : PostgresServers.jdbcUrl(PostgresServers.NEWEST));
        config.setTransactionIsolation(isolation);
        return new HikariDataSource(config);
    }

    private static Map<String, String> settings(Jdbi jdbi) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT name, setting FROM pg_settings")
                .setMapKeyColumn("name")
                .setMapValueColumn("setting")
                .collectInto(new GenericType<Map<String, String>>() {}));
    }
}
