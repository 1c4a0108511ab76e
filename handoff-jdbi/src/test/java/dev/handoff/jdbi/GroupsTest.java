package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.model.Conversation;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.CommitResult.AlreadyDone;
import dev.handoff.store.CommitResult.Busy;
import dev.handoff.store.CommitResult.CapacityReached;
import dev.handoff.store.CommitResult.Committed;
import dev.handoff.store.CommitResult.Conflict;
import dev.handoff.store.StoreUnavailableException;
import dev.handoff.testkit.Draft;
import java.sql.SQLTransientConnectionException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a group does with members that cannot be committed, and what becomes of their neighbours. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GroupsTest {
    private static final Map<Dialect, TestDatabase> DATABASES = new EnumMap<>(Dialect.class);
    private static ExecutorService threads;

    @BeforeAll
    static void open() {
        DATABASES.put(Dialect.POSTGRESQL, TestDatabase.of(Dialect.POSTGRESQL).migrated());
        DATABASES.put(Dialect.H2, TestDatabase.h2InMemory(";LOCK_TIMEOUT=200").migrated());
        threads = Executors.newCachedThreadPool();
    }

    @AfterAll
    static void close() {
        threads.shutdownNow();
        DATABASES.values().forEach(TestDatabase::close);
    }

    @AfterEach
    void listenNoMore() {
        DATABASES.values().forEach(database -> database.jdbi().setSqlLogger(new Troubles()));
    }

    @ParameterizedTest
    @EnumSource
    void a_group_waits_for_nobody_and_who_is_locked_out_waits_alone(Dialect dialect) {
        JdbiConversationStore store = database(dialect).emptyStore();
        Conversation held = Samples.opened(store, "held");
        ChangeSet waits = Draft.of(held, store.now()).hears("waits").done();
        List<ChangeSet> group = List.of(
                Draft.of(Samples.opened(store, "free"), store.now())
                        .hears("one")
                        .done(),
                waits,
                Draft.of(Samples.opened(store, "as free"), store.now())
                        .hears("two")
                        .done());
        Troubles troubles = listening(dialect);
        try (Handle handle = database(dialect).jdbi().open()) {
            handle.begin();
            lock(handle, "handoff_conversation WHERE customer = 'held'");

            assertThat(store.commit(group))
                    .containsExactly(new Committed(List.of()), new Busy(), new Committed(List.of()));

            assertThat(troubles.states())
                    .as("time-outs: one of the member that is locked out, none of the group")
                    .hasSize(1);
            handle.rollback();
        }
        assertThat(store.commitPatiently(waits)).isInstanceOf(Committed.class);
    }

    @ParameterizedTest
    @EnumSource
    void two_that_share_a_conversation_an_address_or_a_once_key_do_not_meet_in_one_group(Dialect dialect) {
        JdbiConversationStore store = database(dialect).emptyStore();
        Conversation one = Samples.opened(store, "one");
        Conversation two = Samples.opened(store, "two");
        Instant later = store.now().plusSeconds(60);

        // No message that could stand at one place twice gives them away.
        assertThat(store.commit(List.of(
                        Draft.of(one, store.now()).dueAt(later).done(),
                        Draft.of(one, store.now()).dueAt(later).done())))
                .hasExactlyElementsOfTypes(Committed.class, Conflict.class);
        assertThat(store.commit(List.of(
                        Draft.opening(Samples.address("new"), store.now()).done(),
                        Draft.opening(Samples.address("new"), store.now()).done())))
                .hasExactlyElementsOfTypes(Committed.class, Conflict.class);
        assertThat(store.commit(List.of(
                        Draft.opening(Samples.address("c1"), store.now())
                                .once(Samples.inbound("SM1"))
                                .done(),
                        Draft.of(two, store.now())
                                .hears("the same")
                                .once(Samples.inbound("SM1"))
                                .done())))
                .hasExactlyElementsOfTypes(Committed.class, AlreadyDone.class);

        assertThat(store.conversation(two.id())).contains(two);
        assertThat(store.messages(two.id(), 0, 10)).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void a_group_of_members_that_are_refused_for_every_reason_loses_none_of_the_others(Dialect dialect) {
        JdbiConversationStore store = database(dialect).emptyStore();
        Conversation stale = Samples.opened(store, "stale");
        store.commit(List.of(Draft.of(stale, store.now()).hears("faster").done()));
        Conversation full = Samples.opened(store, "full");
        Conversation waits = Samples.opened(store, "waits");
        ChangeSet done = Draft.opening(Samples.address("done"), store.now())
                .hears("once")
                .once(Samples.inbound("SM1"))
                .done();
        store.commit(List.of(done));
        List<ChangeSet> group = List.of(
                Draft.of(stale, store.now()).hears("late").done(),
                Draft.opening(Samples.address("new"), store.now())
                        .hears("hello")
                        .once(Samples.inbound("SM2"))
                        .done(),
                Draft.opening(Samples.address("full"), store.now())
                        .hears("a second one")
                        .done(),
                Draft.opening(Samples.address("elsewhere"), store.now())
                        .hears("the same message again")
                        .once(Samples.inbound("SM1"))
                        .done(),
                Draft.of(full, store.now()).taken(Samples.agent("ana", 1)).done(),
                Draft.of(waits, store.now()).taken(Samples.agent("ana", 1)).done());

        List<CommitResult> results = store.commit(group);

        assertThat(results.get(0)).isInstanceOf(Conflict.class);
        assertThat(results.get(1)).isInstanceOf(Committed.class);
        assertThat(results.get(2)).isInstanceOf(Conflict.class);
        assertThat(results.get(3)).isInstanceOf(AlreadyDone.class);
        assertThat(results.get(4)).isInstanceOf(Committed.class);
        assertThat(results.get(5)).isEqualTo(new CapacityReached("ana", 1));
        for (int i = 0; i < group.size(); i++) {
            boolean kept = store.conversation(group.get(i).next().id())
                    .filter(group.get(i).next()::equals)
                    .isPresent();
            assertThat(kept).as("member " + i).isEqualTo(results.get(i) instanceof Committed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_member_that_cannot_be_stored_at_all_does_not_take_its_neighbours_with_it(Dialect dialect) {
        JdbiConversationStore store = database(dialect).emptyStore();
        Conversation broken = Samples.opened(store, "broken");
        Conversation fine = Samples.opened(store, "fine");
        ChangeSet taken = withAPlaceThatIsTaken(store, broken);
        ChangeSet good = Draft.of(fine, store.now()).hears("y").done();

        assertThatThrownBy(() -> store.commit(List.of(taken, good))).isNotInstanceOf(StoreUnavailableException.class);

        assertThat(store.conversation(broken.id())).contains(broken);
        assertThat(store.conversation(fine.id())).contains(good.next());
    }

    /** Each would wait for the pool's patience before it heard the same. */
    @ParameterizedTest
    @EnumSource
    void when_the_database_goes_away_under_members_that_are_alone_only_one_of_them_waits_for_it(Dialect dialect) {
        JdbiConversationStore store = database(dialect).emptyStore();
        ChangeSet good =
                Draft.of(Samples.opened(store, "c1"), store.now()).hears("x").done();
        ChangeSet impossible = withAPlaceThatIsTaken(store, Samples.opened(store, "c2"));
        ChangeSet asGood =
                Draft.of(Samples.opened(store, "c3"), store.now()).hears("y").done();
        AtomicInteger asked = new AtomicInteger();
        AtomicBoolean isLeaving = new AtomicBoolean();
        JdbiConversationStore leaving = JdbiConversationStore.on(Jdbi.create(() -> {
            if (asked.incrementAndGet() > 1 && isLeaving.get()) {
                throw new SQLTransientConnectionException("nobody there", "08001");
            }
            return database(dialect).jdbi().open().getConnection();
        }));
        // It looks at the database's kind first.
        leaving.now();
        asked.set(0);
        isLeaving.set(true);

        assertThatThrownBy(() -> leaving.commit(List.of(good, impossible, asGood)))
                .isInstanceOf(StoreUnavailableException.class);

        assertThat(asked.get()).as("the group's connection, and one in vain").isEqualTo(2);
        assertThat(store.commit(List.of(good, asGood)))
                .containsExactly(new Committed(List.of()), new Committed(List.of()));
    }

    /** H2 undoes the statement alone that has waited too long: what came before it is the store's to undo. */
    @ParameterizedTest
    @EnumSource
    void who_is_locked_out_half_way_has_written_nothing(Dialect dialect) {
        JdbiConversationStore store = database(dialect).emptyStore();
        store.register(Samples.agent("ana", 5));
        Conversation conversation = Samples.opened(store, "c1");
        ChangeSet change = Draft.of(conversation, store.now())
                .taken(Samples.agent("ana", 5))
                .done();
        try (Handle handle = database(dialect).jdbi().open()) {
            handle.begin();
            lock(handle, "handoff_agent");

            assertThat(store.commit(List.of(change))).containsExactly(new Busy());

            assertThat(store.conversation(conversation.id())).contains(conversation);
            lock(handle, "handoff_conversation");
            handle.rollback();
        }
        assertThat(store.commitPatiently(change)).isInstanceOf(Committed.class);
    }

    /** The store holds the conversation and asks for the agent; somebody holds the agent and has asked for the conversation. */
    @ParameterizedTest
    @EnumSource
    void a_commit_that_a_deadlock_has_ended_is_begun_again(Dialect dialect) throws Exception {
        TestDatabase database = database(dialect);
        JdbiConversationStore store = database.emptyStore();
        store.register(Samples.agent("ana", 5));
        Conversation conversation = Samples.opened(store, "c1");
        ChangeSet change = Draft.of(conversation, store.now())
                .taken(Samples.agent("ana", 5))
                .done();
        Jdbi others = database.jdbi();
        AtomicReference<Future<?>> crossing = new AtomicReference<>();
        try (Handle handle = others.open()) {
            handle.execute(dialect == Dialect.H2 ? "SET LOCK_TIMEOUT 20000" : "SET deadlock_timeout = '20s'");
            handle.begin();
            lock(handle, "handoff_agent");
            Troubles troubles = new Troubles() {
                @Override
                public void logBeforeExecution(StatementContext context) {
                    if (context.getRenderedSql().contains("handoff_agent") && crossing.get() == null) {
                        crossing.set(threads.submit(() -> {
                            lock(handle, "handoff_conversation");
                            handle.rollback();
                        }));
                        await(database);
                    }
                }
            };
            others.setSqlLogger(troubles);

            assertThat(store.commitPatiently(change)).isInstanceOf(Committed.class);

            crossing.get().get(30, TimeUnit.SECONDS);
            assertThat(troubles.states()).containsExactly(dialect == Dialect.H2 ? "40001" : "40P01");
            handle.execute(dialect == Dialect.H2 ? "SET LOCK_TIMEOUT 200" : "RESET deadlock_timeout");
        }
        assertThat(store.conversation(conversation.id())).contains(change.next());
        assertThat(store.agent(Samples.TENANT, "ana").orElseThrow().load()).isEqualTo(1);
    }

    /** A change set that can never be stored: its message has the place of another. */
    private static ChangeSet withAPlaceThatIsTaken(JdbiConversationStore store, Conversation conversation) {
        ChangeSet change = Draft.of(conversation, store.now()).hears("x").done();
        return new ChangeSet(
                change.id(),
                null,
                change.expectedVersion(),
                change.next(),
                store.messages(conversation.id(), 0, 1),
                List.of(),
                false,
                List.of(),
                change.botLease());
    }

    private static TestDatabase database(Dialect dialect) {
        return Objects.requireNonNull(DATABASES.get(dialect));
    }

    private static Troubles listening(Dialect dialect) {
        Troubles troubles = new Troubles();
        database(dialect).jdbi().setSqlLogger(troubles);
        return troubles;
    }

    private static void lock(Handle handle, String which) {
        handle.createQuery("SELECT 1 FROM " + which + " FOR UPDATE")
                .mapTo(Integer.class)
                .list();
    }

    private static void await(TestDatabase database) {
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (database.waiting() == 0) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(giveUp);
            Thread.onSpinWait();
        }
    }
}
