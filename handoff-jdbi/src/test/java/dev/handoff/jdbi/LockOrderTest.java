package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.model.Actor;
import dev.handoff.model.Conversation;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult.Committed;
import dev.handoff.store.LoadChange;
import dev.handoff.store.OnceKey;
import dev.handoff.store.PermitRequest;
import dev.handoff.testkit.Draft;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Everybody takes locks in one order, so that no two wait for each other. Each test holds one lock, lets the store run into
 * it, and looks at which of the others the store holds by then: those before it all, and none of those behind.
 */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LockOrderTest {
    /** So long that nothing is rolled back and begun again while a test looks. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Map<Dialect, TestDatabase> DATABASES = new EnumMap<>(Dialect.class);
    private static final Map<Dialect, Handle> ONLOOKERS = new EnumMap<>(Dialect.class);
    private static ExecutorService threads;

    @BeforeAll
    static void open() {
        for (Dialect dialect : Dialect.values()) {
            TestDatabase database = dialect == Dialect.H2
                    ? TestDatabase.h2InMemory(";LOCK_TIMEOUT=" + PATIENCE.toMillis())
                    : TestDatabase.of(dialect);
            DATABASES.put(dialect, database.migrated());
            Handle onlooker = database.jdbi().open();
            onlooker.execute(dialect == Dialect.H2 ? "SET LOCK_TIMEOUT 20" : "SET lock_timeout = 20");
            ONLOOKERS.put(dialect, onlooker);
        }
        threads = Executors.newCachedThreadPool();
    }

    @AfterAll
    static void close() {
        threads.shutdownNow();
        ONLOOKERS.values().forEach(Handle::close);
        DATABASES.values().forEach(TestDatabase::close);
    }

    @ParameterizedTest
    @EnumSource
    void a_commit_locks_its_conversation_then_the_agent_then_the_once_key_then_the_bots_messages(Dialect dialect)
            throws Exception {
        JdbiConversationStore store = emptyStore(dialect);
        store.register(Samples.agent("ana", 100));
        for (int held = 0; held < 4; held++) {
            Conversation conversation = saying(store, "c" + held);
            OnceKey key = Samples.command(conversation.id(), "take");
            ChangeSet change = Draft.of(conversation, store.now())
                    .taken(Samples.agent("ana", 100))
                    .once(key)
                    .done();

            on(dialect)
                    .runsInto(
                            held,
                            List.of(
                                    conversation(conversation.id().value()),
                                    agent("ana"),
                                    onceKey(key),
                                    outbox(conversation.id().value(), 1)),
                            () -> assertThat(store.commitPatiently(change)).isInstanceOf(Committed.class));
        }
    }

    static Stream<Arguments> everyDialectAndWhetherAgentsAreKnown() {
        return Stream.of(Dialect.values())
                .flatMap(dialect -> Stream.of(Arguments.of(dialect, true), Arguments.of(dialect, false)));
    }

    @ParameterizedTest
    @MethodSource("everyDialectAndWhetherAgentsAreKnown")
    void agents_are_locked_in_the_order_of_their_ids(Dialect dialect, boolean known) throws Exception {
        for (int held = 0; held < 8; held++) {
            JdbiConversationStore store = emptyStore(dialect);
            List<String> order = inOrder(dialect, List.of("zoe", "Zoe", "eva", "ana", "kim", "mia", "bob", "lea"));
            if (known) {
                order.forEach(name -> store.register(Samples.agent(name, 9)));
            }
            Draft draft = Draft.opening(Samples.address("c1"), store.now());
            reversed(order)
                    .forEach(name -> draft.with(
                            known ? new LoadChange.GiveBack(name) : new LoadChange.Take(Samples.agent(name, 9))));

            on(dialect)
                    .runsInto(
                            held,
                            order.stream()
                                    .map(known ? LockOrderTest::agent : LockOrderTest::unknownAgent)
                                    .toList(),
                            () -> store.commitPatiently(draft.done()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_groups_once_keys_are_taken_in_the_order_of_tenant_and_key(Dialect dialect) throws Exception {
        for (int held = 0; held < 6; held++) {
            JdbiConversationStore store = emptyStore(dialect);
            List<String> order =
                    inOrder(dialect, List.of("globex/k1", "acme/k9", "acme/k1", "globex/K5", "acme/k7", "globex/k3"));
            List<ChangeSet> group = reversed(order).stream()
                    .map(key -> Draft.opening(Samples.address(tenant(key), "of " + key), store.now())
                            .once(inbound(key))
                            .done())
                    .toList();

            on(dialect)
                    .runsInto(
                            held,
                            order.stream().map(key -> onceKey(inbound(key))).toList(),
                            () -> patientGroups(dialect).commit(group));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_group_fences_the_bots_messages_in_the_order_of_conversation_and_place(Dialect dialect) throws Exception {
        for (int held = 0; held < 4 * 3; held++) {
            JdbiConversationStore store = emptyStore(dialect);
            List<Conversation> conversations = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                conversations.add(saying(store, "c" + i));
            }
            List<UUID> order = inOrderOfIds(dialect, conversations);
            conversations.sort(Comparator.comparingInt(
                    (Conversation it) -> -order.indexOf(it.id().value())));
            List<ChangeSet> group = conversations.stream()
                    .map(it -> Draft.of(it, store.now())
                            .waits("default", 0, store.now())
                            .done())
                    .toList();

            on(dialect)
                    .runsInto(
                            held,
                            order.stream()
                                    .flatMap(id -> IntStream.rangeClosed(1, 3).mapToObj(seq -> outbox(id, seq)))
                                    .toList(),
                            () -> patientGroups(dialect).commit(group));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_group_opens_conversations_in_the_order_of_tenant_and_address(Dialect dialect) throws Exception {
        for (int held = 0; held < 6; held++) {
            JdbiConversationStore store = emptyStore(dialect);
            Map<String, ChangeSet> byKey = new HashMap<>();
            for (int i = 0; i < 6; i++) {
                ChangeSet opening = Draft.opening(Samples.address(i % 2 == 0 ? "acme" : "globex", "c" + i), store.now())
                        .done();
                byKey.put(
                        opening.next().id().tenant() + "/"
                                + BoundedKey.of(opening.next().address()),
                        opening);
            }
            List<String> order = inOrder(dialect, List.copyOf(byKey.keySet()));

            on(dialect)
                    .runsInto(
                            held,
                            order.stream()
                                    .map(key -> openConversation(
                                            store, byKey.get(key).next()))
                                    .toList(),
                            () -> patientGroups(dialect)
                                    .commit(reversed(order).stream()
                                            .map(byKey::get)
                                            .toList()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void results_lock_their_messages_in_the_order_of_conversation_and_place(Dialect dialect) throws Exception {
        for (int held = 0; held < 6; held++) {
            JdbiConversationStore store = emptyStore(dialect);
            List<Conversation> conversations = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                conversations.add(saying(store, "c" + i));
            }
            List<UUID> order = inOrderOfIds(dialect, conversations);
            List<AttemptResult> lastFirst = store.claimPermits(PermitRequest.upTo(6, Duration.ofHours(1))).stream()
                    .map(permit -> new AttemptResult(
                            permit.message().id(),
                            permit.message().attemptToken(),
                            new AttemptResult.Verdict.Dead("given up")))
                    .sorted(Comparator.comparingInt((AttemptResult it) ->
                            -order.indexOf(it.id().conversation().value())))
                    .toList();
            Dispatch dispatch = Dispatch.on(transactions(dialect), sql(dialect));

            on(dialect)
                    .runsInto(
                            held,
                            order.stream().map(id -> outbox(id, 1)).toList(),
                            () -> dispatch.record(lastFirst, PATIENCE));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_dead_letter_that_is_queued_again_locks_its_conversation_then_the_open_messages(Dialect dialect)
            throws Exception {
        for (int held = 0; held < 4; held++) {
            JdbiConversationStore store = emptyStore(dialect);
            Conversation conversation = saying(store, "c1");
            var permit = store.claimPermits(PermitRequest.upTo(1, Duration.ofHours(1)))
                    .get(0)
                    .message();
            store.recordResults(List.of(
                    new AttemptResult(permit.id(), permit.attemptToken(), new AttemptResult.Verdict.Dead("given up"))));
            UUID id = conversation.id().value();

            on(dialect)
                    .runsInto(
                            held,
                            List.of(conversation(id), outbox(id, 1), outbox(id, 2), outbox(id, 3)),
                            () -> store.retryDeadLetter(new MessageId(conversation.id(), 1), new Actor.Host()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_report_locks_its_message_before_it_touches_the_attempt(Dialect dialect) throws Exception {
        JdbiConversationStore store = emptyStore(dialect);
        Conversation conversation = saying(store, "c1");
        var permit = store.claimPermits(PermitRequest.upTo(1, Duration.ofHours(1)))
                .get(0)
                .message();

        on(dialect)
                .runsInto(
                        1,
                        List.of(outbox(conversation.id().value(), 1), attempt(permit.attemptToken())),
                        () -> store.recordDelivery(new DeliveryUpdate(
                                Samples.TENANT, "fake", null, permit.attemptToken(), "p1", DeliveryStatus.SENT, null)));
    }

    /** What takes a lock inside a transaction, if nobody else has it. */
    private interface Lock {
        boolean take(Handle handle);
    }

    private interface Work {
        void run();
    }

    private record Scene(Dialect dialect) {
        /** Holds one of these locks, runs the work into it, looks at the others, and lets the work end. */
        void runsInto(int held, List<Lock> order, Work work) throws Exception {
            try (Handle holder = database(dialect).jdbi().open()) {
                holder.begin();
                assertThat(order.get(held).take(holder)).isTrue();
                Future<?> running = threads.submit(work::run);
                try {
                    awaitWaiting(running);
                    List<Boolean> wanted = IntStream.range(0, order.size())
                            .mapToObj(i -> i <= held)
                            .toList();
                    assertThat(takenInTheEnd(order, wanted))
                            .as("locks that are taken while number %s is waited for", held)
                            .isEqualTo(wanted);
                } finally {
                    holder.rollback();
                    running.get(30, TimeUnit.SECONDS);
                }
            }
        }

        private void awaitWaiting(Future<?> running) throws Exception {
            long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
            while (database(dialect).waiting() == 0) {
                if (running.isDone()) {
                    running.get();
                    throw new AssertionError("it has not waited for the lock");
                }
                assertThat(System.nanoTime()).as("deadline").isLessThan(giveUp);
                Thread.onSpinWait();
            }
        }

        /** On H2 a statement that is only slow looks like one that waits: then it takes its other locks a little later. */
        private List<Boolean> takenInTheEnd(List<Lock> order, List<Boolean> wanted) {
            long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
            List<Boolean> taken;
            do {
                taken = order.stream().map(this::isTaken).toList();
            } while (!taken.equals(wanted) && System.nanoTime() - giveUp < 0);
            return taken;
        }

        private boolean isTaken(Lock lock) {
            Handle onlooker = Objects.requireNonNull(ONLOOKERS.get(dialect));
            onlooker.begin();
            try {
                return !lock.take(onlooker);
            } finally {
                onlooker.rollback();
            }
        }
    }

    private static Scene on(Dialect dialect) {
        return new Scene(dialect);
    }

    private static TestDatabase database(Dialect dialect) {
        return Objects.requireNonNull(DATABASES.get(dialect));
    }

    private static Lock conversation(UUID id) {
        return row("handoff_conversation WHERE id = ?", id);
    }

    private static Lock agent(String id) {
        return row("handoff_agent WHERE id = ?", id);
    }

    private static Lock outbox(UUID conversation, long seq) {
        return row("handoff_outbox WHERE conversation = ? AND seq = ?", conversation, seq);
    }

    private static Lock attempt(UUID token) {
        return row("handoff_attempt WHERE token = ?", token);
    }

    private static Lock row(String which, Object... values) {
        return handle -> {
            var query = handle.createQuery("SELECT 1 FROM " + which + " FOR UPDATE SKIP LOCKED");
            for (int i = 0; i < values.length; i++) {
                query.bind(i, values[i]);
            }
            return !query.mapTo(Integer.class).list().isEmpty();
        };
    }

    private static Lock unknownAgent(String id) {
        return newRow(handle -> handle.execute(
                "INSERT INTO handoff_agent (tenant, id, role, availability, load)"
                        + " VALUES ('acme', ?, 'AGENT', 'AVAILABLE', 0)",
                id));
    }

    private static Lock onceKey(OnceKey key) {
        return newRow(handle -> handle.execute(
                "INSERT INTO handoff_dedupe (tenant, kind, once_key, fingerprint, conversation, created_at)"
                        + " VALUES (?, ?, ?, '', ?, CURRENT_TIMESTAMP)",
                key.tenant(),
                key.kind().name(),
                key.key(),
                UUID.randomUUID()));
    }

    /** The once-key of a message, named by tenant and key. */
    private static OnceKey inbound(String name) {
        return new OnceKey(tenant(name), OnceKey.Kind.INBOUND, name.substring(name.indexOf('/') + 1), "");
    }

    private static String tenant(String name) {
        return name.substring(0, name.indexOf('/'));
    }

    private static Lock openConversation(JdbiConversationStore store, Conversation like) {
        return newRow(handle -> store.join(handle)
                .store()
                .commitPatiently(Draft.opening(like.address(), store.now()).done()));
    }

    /** A key that somebody else is inserting can only be waited for, which an onlooker does not do for long. */
    private static Lock newRow(Consumer<Handle> insert) {
        return handle -> {
            try {
                insert.accept(handle);
                return true;
            } catch (RuntimeException locked) {
                assertThat(Failures.reason(locked)).containsIgnoringCase("timeout");
                return false;
            }
        };
    }

    private static Conversation saying(JdbiConversationStore store, String customer) {
        ChangeSet change = Draft.opening(Samples.address(customer), store.now())
                .says(MessageOwner.BOT, "one")
                .says(MessageOwner.BOT, "two")
                .says(MessageOwner.BOT, "three")
                .done();
        store.commit(List.of(change));
        return change.next();
    }

    /** Everybody's order: PostgreSQL's own, and on H2, where nobody but Java takes these locks, Java's. */
    private static List<String> inOrder(Dialect dialect, List<String> texts) {
        return dialect == Dialect.H2 ? texts.stream().sorted().toList() : sortedBySql("text", texts);
    }

    private static List<UUID> inOrderOfIds(Dialect dialect, List<Conversation> conversations) {
        Stream<UUID> ids =
                conversations.stream().map(conversation -> conversation.id().value());
        return dialect == Dialect.H2
                ? ids.sorted().toList()
                : sortedBySql("uuid", ids.map(UUID::toString).toList()).stream()
                        .map(UUID::fromString)
                        .toList();
    }

    private static List<String> sortedBySql(String type, List<String> values) {
        return Objects.requireNonNull(ONLOOKERS.get(Dialect.POSTGRESQL))
                .createQuery("SELECT v FROM unnest(CAST(string_to_array(:values, ',') AS " + type
                        + "[])) AS u (v) ORDER BY v")
                .bind("values", String.join(",", values))
                .mapTo(String.class)
                .list();
    }

    private static <T> List<T> reversed(List<T> list) {
        List<T> reversed = new ArrayList<>(list);
        Collections.reverse(reversed);
        return reversed;
    }

    private static JdbiConversationStore emptyStore(Dialect dialect) {
        TestDatabase database = database(dialect);
        database.emptyStore();
        return JdbiConversationStore.builder(database.jdbi())
                .lockTimeout(PATIENCE)
                .idleTimeout(PATIENCE)
                .build();
    }

    private static Sql sql(Dialect dialect) {
        return new Sql(dialect, JdbiSchema.DEFAULT_PREFIX, InstantSource.system());
    }

    private static OwnTransactions transactions(Dialect dialect) {
        return new OwnTransactions(database(dialect).jdbi(), sql(dialect), null, PATIENCE, PATIENCE);
    }

    /** Groups that wait for locks: the store's own give up before anybody could look. */
    private static GroupCommit patientGroups(Dialect dialect) {
        Transactions own = transactions(dialect);
        Transactions patient = new Transactions() {
            @Override
            public <T> T inTransaction(Function<Handle, T> work) {
                return own.inTransaction(work);
            }

            @Override
            public <T> T tryInTransaction(Duration briefly, Function<Handle, T> work) {
                return own.tryInTransaction(PATIENCE, work);
            }

            @Override
            public <T> T autocommit(Function<Handle, T> statement) {
                return own.autocommit(statement);
            }
        };
        return new GroupCommit(patient, sql(dialect));
    }
}
