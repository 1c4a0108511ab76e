package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.model.Conversation;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult.AlreadyDone;
import dev.handoff.store.CommitResult.CapacityReached;
import dev.handoff.store.CommitResult.Committed;
import dev.handoff.store.CommitResult.Conflict;
import dev.handoff.store.HostTransaction;
import dev.handoff.store.Lookup;
import dev.handoff.store.PermitRequest;
import dev.handoff.testkit.Draft;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JoinedTransactionTest {
    private static final Map<Dialect, TestDatabase> DATABASES = new EnumMap<>(Dialect.class);

    @BeforeAll
    static void open() {
        for (Dialect dialect : Dialect.values()) {
            TestDatabase database = dialect == Dialect.H2
                    ? TestDatabase.h2InMemory(";LOCK_TIMEOUT=60000").migrated()
                    : TestDatabase.of(dialect).migrated();
            database.jdbi().useHandle(handle -> handle.execute("CREATE TABLE orders (name varchar(100) PRIMARY KEY)"));
            DATABASES.put(dialect, database);
        }
    }

    @AfterAll
    static void close() {
        DATABASES.values().forEach(TestDatabase::close);
    }

    @ParameterizedTest
    @EnumSource
    void what_is_committed_inside_is_committed_with_the_hosts_own_work(Dialect dialect) {
        JdbiConversationStore store = DATABASES.get(dialect).emptyStore();
        ChangeSet change = opening(store, "c1");

        inTransaction(dialect, handle -> {
            handle.execute("INSERT INTO orders VALUES ('together')");
            assertThat(store.join(handle).store().commit(List.of(change)).get(0))
                    .isInstanceOf(Committed.class);
            assertThat(store.join(handle).store().conversation(change.next().id()))
                    .contains(change.next());
            assertThat(store.conversation(change.next().id()))
                    .as("seen from outside before the commit")
                    .isEmpty();
        });

        assertThat(store.conversation(change.next().id())).contains(change.next());
        assertThat(store.sequenceFeed(10)).isEqualTo(2);
        assertThat(orders(dialect, "together")).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void joining_asks_for_no_connection_but_the_hosts(Dialect dialect) {
        ChangeSet change = opening(DATABASES.get(dialect).emptyStore(), "c1");
        JdbiConversationStore store = JdbiConversationStore.on(Jdbi.create(() -> {
            throw new AssertionError("a second connection was asked for");
        }));

        inTransaction(
                dialect,
                handle -> assertThat(store.join(handle).store().commit(List.of(change)))
                        .hasOnlyElementsOfType(Committed.class));
    }

    @ParameterizedTest
    @EnumSource
    void what_the_host_rolls_back_was_never_there(Dialect dialect) {
        JdbiConversationStore store = DATABASES.get(dialect).emptyStore();
        ChangeSet change = opening(store, "c1");

        assertThatThrownBy(() -> inTransaction(dialect, handle -> {
                    store.join(handle).store().commit(List.of(change));
                    throw new IllegalStateException("the host thinks better of it");
                }))
                .hasMessageContaining("thinks better");

        assertThat(store.conversation(change.next().id())).isEmpty();
        assertThat(store.sequenceFeed(10)).isZero();
        assertThat(store.commit(List.of(change)).get(0)).isInstanceOf(Committed.class);
    }

    @ParameterizedTest
    @EnumSource
    void actions_run_after_the_hosts_commit_and_never_when_it_rolls_back(Dialect dialect) {
        JdbiConversationStore store = DATABASES.get(dialect).emptyStore();
        List<String> told = new ArrayList<>();

        inTransaction(dialect, handle -> {
            HostTransaction joined = store.join(handle);
            joined.afterCommit(() -> told.add("committed"));
            told.add("still open");
        });
        assertThat(told).containsExactly("still open", "committed");

        told.clear();
        assertThatThrownBy(() -> inTransaction(dialect, handle -> {
                    store.join(handle).afterCommit(() -> told.add("committed"));
                    throw new IllegalStateException("rolled back");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(told).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_refusal_leaves_the_hosts_transaction_as_it_was_and_usable(Dialect dialect) {
        JdbiConversationStore store = DATABASES.get(dialect).emptyStore();
        Conversation first = Samples.opened(store, "c1");
        Conversation second = Samples.opened(store, "c2");
        ChangeSet stale = Draft.of(first, store.now()).hears("late").done();
        store.commit(List.of(Draft.of(first, store.now()).hears("faster").done()));
        ChangeSet taken = Draft.of(second, store.now())
                .taken(Samples.agent("ana", 1))
                .once(Samples.command(second.id(), "take"))
                .done();
        ChangeSet alsoOpen = opening(store, "c2");

        inTransaction(dialect, handle -> {
            handle.execute("INSERT INTO orders VALUES ('refused')");
            var joined = store.join(handle).store();
            assertThat(joined.commit(List.of(stale, taken))).hasExactlyElementsOfTypes(Conflict.class, Committed.class);
            assertThat(joined.commit(List.of(alsoOpen)).get(0)).isInstanceOf(Conflict.class);
            assertThat(joined.commit(List.of(taken)).get(0)).isInstanceOf(AlreadyDone.class);
            ChangeSet third = Draft.opening(Samples.address("c3"), joined.now())
                    .taken(Samples.agent("ana", 1))
                    .done();
            assertThat(joined.commit(List.of(third)).get(0)).isEqualTo(new CapacityReached("ana", 1));
            assertThat(joined.conversation(third.next().id())).isEmpty();
            assertThat(joined.snapshots(List.of(new Lookup.ById(second.id(), null)))
                            .get(0)
                            .conversation())
                    .isEqualTo(taken.next());
        });

        assertThat(orders(dialect, "refused")).isEqualTo(1);
        assertThat(store.conversation(second.id())).contains(taken.next());
        assertThat(store.agent(Samples.TENANT, "ana").orElseThrow().load()).isEqualTo(1);
    }

    /** However long the host's transaction has been open: time is the moment's, not the transaction's beginning. */
    @ParameterizedTest
    @EnumSource
    void time_goes_on_inside(Dialect dialect) {
        JdbiConversationStore store = DATABASES.get(dialect).emptyStore();
        Instant[] before = new Instant[1];

        inTransaction(dialect, handle -> {
            var joined = store.join(handle).store();
            Instant begun = joined.now();
            do {
                before[0] = store.now();
            } while (before[0].isBefore(begun.plusMillis(2)));
            assertThat(joined.now()).isAfterOrEqualTo(before[0]);
            assertThat(joined.snapshots(List.of(new Lookup.ByAddress(Samples.address("c1"), null)))
                            .get(0)
                            .now())
                    .isAfterOrEqualTo(before[0]);
            joined.commit(List.of(Draft.opening(Samples.address("c1"), joined.now())
                    .says(MessageOwner.BOT, "queued late")
                    .done()));
        });

        assertThat(store.claimPermits(PermitRequest.upTo(1, Duration.ofMinutes(1)))
                        .get(0)
                        .queuedAt())
                .isAfterOrEqualTo(before[0]);
    }

    /** In a group the second would be written while the first is waited for. */
    @ParameterizedTest
    @EnumSource
    void inside_change_sets_form_no_group_but_are_written_one_after_the_other(Dialect dialect) throws Exception {
        TestDatabase database = DATABASES.get(dialect);
        JdbiConversationStore store = database.emptyStore();
        Conversation held = Samples.opened(store, "held");
        Conversation next = Samples.opened(store, "next");
        var thread = Executors.newSingleThreadExecutor();
        try (Handle other = database.jdbi().open()) {
            other.begin();
            lock(other, held);
            Future<?> inside = thread.submit(() -> inTransaction(
                    dialect,
                    handle -> assertThat(store.join(handle)
                                    .store()
                                    .commit(List.of(
                                            Draft.of(held, store.now())
                                                    .hears("one")
                                                    .done(),
                                            Draft.of(next, store.now())
                                                    .hears("two")
                                                    .done())))
                            .hasOnlyElementsOfType(Committed.class)));
            while (database.waiting() == 0 && !inside.isDone()) {
                Thread.onSpinWait();
            }

            assertThat(lock(other, next)).as("the second is free").isTrue();

            other.rollback();
            inside.get(30, TimeUnit.SECONDS);
        } finally {
            thread.shutdownNow();
        }
    }

    private static boolean lock(Handle handle, Conversation conversation) {
        return !handle.createQuery("SELECT 1 FROM handoff_conversation WHERE id = :id FOR UPDATE SKIP LOCKED")
                .bind("id", conversation.id().value())
                .mapTo(Integer.class)
                .list()
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_handle_without_a_transaction_cannot_be_joined(Dialect dialect) {
        TestDatabase database = DATABASES.get(dialect);
        database.jdbi()
                .useHandle(handle -> assertThatThrownBy(() -> database.store().join(handle))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("no transaction is open"));
    }

    @ParameterizedTest
    @EnumSource
    void a_transaction_that_could_not_see_what_it_lost_to_cannot_be_joined(Dialect dialect) {
        TestDatabase database = DATABASES.get(dialect);
        database.jdbi()
                .useTransaction(
                        TransactionIsolationLevel.SERIALIZABLE,
                        handle -> assertThatThrownBy(() -> database.store().join(handle))
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("READ COMMITTED"));
    }

    @ParameterizedTest
    @EnumSource
    void a_joined_store_is_of_no_use_once_the_transaction_is_over(Dialect dialect) {
        JdbiConversationStore store = DATABASES.get(dialect).emptyStore();
        ChangeSet change = opening(store, "c1");
        DATABASES.get(dialect).jdbi().useHandle(handle -> {
            handle.begin();
            var joined = store.join(handle).store();
            handle.commit();

            assertThatThrownBy(() -> joined.commit(List.of(change)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is over");
        });
        assertThat(store.conversation(change.next().id())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void workers_steps_do_not_run_in_the_hosts_transaction(Dialect dialect) {
        JdbiConversationStore store = DATABASES.get(dialect).emptyStore();
        inTransaction(dialect, handle -> {
            var joined = store.join(handle).store();
            assertThatThrownBy(() -> joined.sequenceFeed(1)).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> joined.expireLeases(1)).hasMessageContaining("expireLeases");
        });
    }

    @ParameterizedTest
    @EnumSource
    void the_store_itself_does_not_slip_into_a_transaction_that_the_host_has_open(Dialect dialect) {
        JdbiConversationStore store = DATABASES.get(dialect).emptyStore();
        ChangeSet change = opening(store, "c1");

        assertThatThrownBy(() -> inTransaction(dialect, handle -> {
                    assertThat(store.commit(List.of(change)).get(0)).isInstanceOf(Committed.class);
                    throw new IllegalStateException("rolled back");
                }))
                .isInstanceOf(IllegalStateException.class);

        assertThat(store.conversation(change.next().id())).contains(change.next());
    }

    private static ChangeSet opening(JdbiConversationStore store, String customer) {
        return Draft.opening(Samples.address(customer), store.now())
                .hears("hello")
                .done();
    }

    private static int orders(Dialect dialect, String name) {
        return DATABASES
                .get(dialect)
                .jdbi()
                .withHandle(handle -> handle.createQuery("SELECT count(*) FROM orders WHERE name = :name")
                        .bind("name", name)
                        .mapTo(Integer.class)
                        .one());
    }

    private static void inTransaction(Dialect dialect, java.util.function.Consumer<Handle> work) {
        DATABASES.get(dialect).jdbi().useTransaction(work::accept);
    }
}
