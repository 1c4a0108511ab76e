package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.BotWork;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.CommitResult.AlreadyDone;
import dev.handoff.store.CommitResult.Busy;
import dev.handoff.store.CommitResult.Committed;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.Snapshot;
import dev.handoff.store.StoreUnavailableException;
import dev.handoff.testkit.Draft;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who waits for whom on PostgreSQL, and for how long. */
class PostgresLocksTest {
    private static TestDatabase database;
    private static ExecutorService threads;
    private JdbiConversationStore store;

    @BeforeAll
    static void open() {
        database = TestDatabase.postgres(PostgresServers.OLDEST).migrated();
        threads = Executors.newCachedThreadPool();
    }

    @AfterAll
    static void close() {
        threads.shutdownNow();
        database.close();
    }

    @BeforeEach
    void empty() {
        store = database.emptyStore();
    }

    @Test
    void a_group_does_not_wait_for_a_conversation_that_somebody_else_holds() throws Exception {
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
        try (var handle = database.jdbi().open()) {
            handle.begin();
            lock(handle, held.id());

            long begun = System.nanoTime();
            List<CommitResult> results = veryPatient().commit(group);

            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
            assertThat(results.get(0)).isInstanceOf(Committed.class);
            assertThat(results.get(1)).isEqualTo(new Busy());
            assertThat(results.get(2)).isInstanceOf(Committed.class);
            Future<CommitResult> patient = threads.submit(() -> store.commitPatiently(waits));
            await(() -> !waiters().isEmpty());
            handle.rollback();
            assertThat(patient.get(10, TimeUnit.SECONDS)).isInstanceOf(Committed.class);
        }
        assertThat(store.conversation(held.id())).contains(waits.next());
    }

    @Test
    void a_change_set_that_comes_alone_does_not_wait_either() {
        Conversation held = Samples.opened(store, "held");
        ChangeSet done = Draft.of(held, store.now())
                .hears("once")
                .once(Samples.inbound("SM1"))
                .done();
        store.commit(List.of(done));
        try (var handle = database.jdbi().open()) {
            handle.begin();
            lock(handle, held.id());

            assertThat(store.commit(List.of(
                            Draft.of(done.next(), store.now()).hears("next").done())))
                    .containsExactly(new Busy());
            assertThat(store.commit(List.of(done))).hasOnlyElementsOfType(AlreadyDone.class);
            handle.rollback();
        }
    }

    @Test
    void many_behind_one_lock_wait_hardly_longer_than_one() {
        List<ChangeSet> group = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            group.add(Draft.of(Samples.opened(store, "c" + i), store.now())
                    .taken(Samples.agent("ana", 20))
                    .done());
        }
        store.register(Samples.agent("ana", 20));
        try (var handle = database.jdbi().open()) {
            handle.begin();
            handle.execute("UPDATE handoff_agent SET load = load");

            Duration fastest = Duration.ofDays(1);
            for (int i = 0; i < 20 && fastest.compareTo(Duration.ofMillis(900)) >= 0; i++) {
                long begun = System.nanoTime();
                List<CommitResult> results = store.commit(group);
                Duration took = Duration.ofNanos(System.nanoTime() - begun);
                assertThat(results).hasSize(10).hasOnlyElementsOfType(Busy.class);
                fastest = took.compareTo(fastest) < 0 ? took : fastest;
            }

            assertThat(fastest).as("ten times as long as one would be a second").isLessThan(Duration.ofMillis(900));
            handle.rollback();
        }
    }

    @Test
    void a_lock_that_is_never_given_back_is_told_as_a_store_that_is_not_available() {
        Conversation held = Samples.opened(store, "held");
        JdbiConversationStore impatient = JdbiConversationStore.builder(database.jdbi())
                .lockTimeout(Duration.ofMillis(20))
                .build();
        try (var handle = database.jdbi().open()) {
            handle.begin();
            lock(handle, held.id());

            assertThatThrownBy(() -> impatient.commitPatiently(
                            Draft.of(held, store.now()).hears("never").done()))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("5 attempts")
                    .hasMessageContaining("lock timeout");
            handle.rollback();
        }
    }

    @Test
    void a_change_set_whose_answer_was_lost_is_known_when_it_comes_again() {
        Conversation conversation = Samples.opened(store, "c1");
        ChangeSet change = Draft.of(conversation, store.now())
                .hears("again")
                .once(Samples.command(conversation.id(), "one"))
                .done();
        store.commit(List.of(change));

        CommitResult again = store.commit(List.of(change)).get(0);

        assertThat(again).isInstanceOf(AlreadyDone.class);
        assertThat(((AlreadyDone) again).prior().outcome().after()).isEqualTo(change.next());
        assertThat(store.messages(conversation.id(), 0, 10)).hasSize(2);
    }

    @Test
    void a_server_that_cuts_the_connection_is_told_as_a_store_that_is_not_available() throws Exception {
        Conversation held = Samples.opened(store, "held");
        try (var handle = database.jdbi().open()) {
            handle.begin();
            lock(handle, held.id());
            Future<CommitResult> waiting = threads.submit(() -> store.commitPatiently(
                    Draft.of(held, store.now()).hears("cut").done()));
            await(() -> !waiters().isEmpty());

            for (int pid : waiters()) {
                database.jdbi().useHandle(it -> it.execute("SELECT pg_terminate_backend(?)", pid));
            }

            assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("terminating connection");
            handle.rollback();
        }
        assertThat(store.conversation(held.id())).contains(held);
    }

    @Test
    void a_host_that_holds_one_message_does_not_cost_the_others_their_results() {
        for (int i = 0; i < 3; i++) {
            store.commit(List.of(Draft.opening(Samples.address("c" + i), store.now())
                    .says(MessageOwner.BOT, "hi")
                    .done()));
        }
        List<AttemptResult> results = store.claimPermits(PermitRequest.upTo(3, Duration.ofMinutes(1))).stream()
                .map(permit -> new AttemptResult(
                        permit.message().id(),
                        permit.message().attemptToken(),
                        new AttemptResult.Verdict.Sent(
                                "p-" + permit.message().id().text())))
                .toList();
        MessageId held = results.get(1).id();
        try (var handle = database.jdbi().open()) {
            handle.begin();
            handle.execute(
                    "UPDATE handoff_outbox SET fenced = TRUE WHERE conversation = ?",
                    held.conversation().value());

            assertThatThrownBy(() -> store.recordResults(results))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageEndingWith(": " + held.text());

            for (AttemptResult result : results) {
                assertThat(store.message(result.id()).orElseThrow().delivery())
                        .isEqualTo(result.id().equals(held) ? Delivery.DISPATCHING : Delivery.SENT);
            }
            handle.rollback();
        }
        store.recordResults(results);
        assertThat(store.message(held).orElseThrow().delivery()).isEqualTo(Delivery.SENT);
    }

    @Test
    void a_claim_whose_conversation_is_held_is_left_for_the_next_renewal() {
        Conversation held = Samples.opened(store, "held");
        Samples.opened(store, "free");
        List<BotWork> turns = store.claimBotTurns(2, Duration.ofMinutes(1));
        try (var handle = database.jdbi().open()) {
            handle.begin();
            lock(handle, held.id());

            long begun = System.nanoTime();
            veryPatient().renewBotTurns(turns, Duration.ofHours(1));

            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
            handle.rollback();
        }
        List<UUID> renewed = database.jdbi()
                .withHandle(handle -> handle.createQuery("SELECT id FROM handoff_conversation"
                                + " WHERE bot_lease_until > clock_timestamp() + INTERVAL '30 minutes'")
                        .mapTo(UUID.class)
                        .list());
        assertThat(turns).hasSize(2);
        assertThat(renewed).hasSize(1).doesNotContain(held.id().value());
    }

    @Test
    void a_locked_agent_delays_the_deadlines_of_their_own_conversations_only() {
        Conversation anas = due("ana's");
        ChangeSet taken = Draft.of(anas, store.now())
                .taken(Samples.agent("ana", 5))
                .dueAt(store.now())
                .done();
        store.commit(List.of(taken));
        Conversation free = due("nobody's");
        try (var handle = database.jdbi().open()) {
            handle.begin();
            handle.execute("UPDATE handoff_agent SET load = load");

            List<ChangeSet> swept = store.sweep(10, PostgresLocksTest::closing);

            assertThat(swept).extracting(change -> change.next().id()).containsExactly(free.id());
            handle.rollback();
        }
        await(() -> store.sweep(10, PostgresLocksTest::closing).size() == 1);
        assertThat(store.conversation(anas.id()).orElseThrow().status().isOpen())
                .isFalse();
    }

    private Conversation due(String customer) {
        ChangeSet change = Draft.opening(Samples.address(customer), store.now())
                .hears("hello")
                .dueAt(store.now())
                .done();
        store.commit(List.of(change));
        return change.next();
    }

    private static Optional<ChangeSet> closing(Snapshot due) {
        return Optional.of(Draft.of(Objects.requireNonNull(due.conversation()), due.now())
                .closed()
                .done());
    }

    private static List<Integer> waiters() {
        return database.jdbi()
                .withHandle(it -> it.createQuery("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                + " AND datname = current_database()")
                        .mapTo(Integer.class)
                        .list());
    }

    /** Whose waits, if it waits, no slow machine is to be blamed for. */
    private static JdbiConversationStore veryPatient() {
        return JdbiConversationStore.builder(database.jdbi())
                .lockTimeout(Duration.ofMinutes(1))
                .build();
    }

    private static void lock(org.jdbi.v3.core.Handle handle, ConversationId id) {
        handle.createQuery("SELECT 1 FROM handoff_conversation WHERE id = :id FOR UPDATE")
                .bind("id", id.value())
                .mapTo(Integer.class)
                .one();
    }

    private static void await(BooleanSupplier condition) {
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(giveUp);
            Thread.onSpinWait();
        }
    }
}
