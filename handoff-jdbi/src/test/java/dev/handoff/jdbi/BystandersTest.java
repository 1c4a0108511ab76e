package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.model.Actor;
import dev.handoff.model.Availability;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.Delivery;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.AttemptResult.Verdict;
import dev.handoff.store.BotWork;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult.Busy;
import dev.handoff.store.CommitResult.Committed;
import dev.handoff.store.Feed.FeedEntry;
import dev.handoff.store.Outbox.RetryDecision;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.Snapshot;
import dev.handoff.testkit.Draft;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whose locks are nobody else's business: work that goes on although somebody holds a row that it has no need of. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BystandersTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Map<Dialect, TestDatabase> DATABASES = new EnumMap<>(Dialect.class);
    private static ExecutorService threads;

    @BeforeAll
    static void open() {
        DATABASES.put(Dialect.POSTGRESQL, TestDatabase.of(Dialect.POSTGRESQL).migrated());
        DATABASES.put(Dialect.H2, TestDatabase.h2InMemory(";LOCK_TIMEOUT=1000").migrated());
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
    void permits_results_look_ups_and_reports_touch_no_conversation(Dialect dialect) {
        JdbiConversationStore store = database(dialect).emptyStore();
        saying(store, "c1");
        Troubles troubles = listening(dialect);
        try (Handle host = holding(dialect, "handoff_conversation")) {
            sendsOne(store);
            host.rollback();
        }
        assertThat(troubles.states()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void nobody_but_the_sequencer_touches_the_feeds_head(Dialect dialect) {
        JdbiConversationStore store = database(dialect).emptyStore();
        Conversation conversation = saying(store, "c1");
        store.register(Samples.agent("ana", 5));
        store.sequenceFeed(10);
        Troubles troubles = listening(dialect);
        try (Handle host = holding(dialect, "handoff_feed_head")) {
            sendsOne(store);
            store.setAvailability(Samples.TENANT, "ana", Availability.AWAY);
            ChangeSet taken = Draft.of(conversation, store.now())
                    .taken(Samples.agent("ana", 5))
                    .dueAt(store.now())
                    .done();
            assertThat(store.commit(List.of(taken))).hasOnlyElementsOfType(Committed.class);
            assertThat(store.sweep(10, BystandersTest::closing)).hasSize(1);
            assertThat(store.feedEnd(Samples.TENANT))
                    .isEqualTo(store.feed(Samples.TENANT, 0, 100).size());
            host.rollback();
        }
        assertThat(troubles.states()).isEmpty();
    }

    /** As a foreign key from a host's table takes it. */
    @Test
    void a_host_whose_rows_point_at_conversations_holds_nothing_up() {
        JdbiConversationStore store = database(Dialect.POSTGRESQL).emptyStore();
        Conversation one = saying(store, "c1");
        Conversation two = saying(store, "c2");
        OutboundMessage message = permit(store);
        store.recordResults(List.of(new AttemptResult(message.id(), message.attemptToken(), new Verdict.Dead("x"))));
        Troubles troubles = listening(Dialect.POSTGRESQL);
        try (Handle host = database(Dialect.POSTGRESQL).jdbi().open()) {
            host.begin();
            host.createQuery("SELECT 1 FROM handoff_conversation FOR KEY SHARE")
                    .mapTo(Integer.class)
                    .list();

            assertThat(store.retryDeadLetter(message.id(), new Actor.Host())).isEqualTo(RetryDecision.QUEUED);
            assertThat(store.commit(List.of(
                            Draft.of(one, store.now())
                                    .hears("a")
                                    .dueAt(store.now())
                                    .done(),
                            Draft.of(two, store.now()).hears("b").done())))
                    .hasSize(2)
                    .hasOnlyElementsOfType(Committed.class);
            List<BotWork> turns = store.claimBotTurns(10, Duration.ofMinutes(1));
            assertThat(turns).hasSize(2);
            store.renewBotTurns(turns, Duration.ofDays(1));
            assertThat(host.createQuery("SELECT count(*) FROM handoff_conversation"
                                    + " WHERE bot_lease_until > clock_timestamp() + INTERVAL '1 hour'")
                            .mapTo(Integer.class)
                            .one())
                    .isEqualTo(2);
            assertThat(store.sweep(
                            10,
                            due -> Optional.of(Draft.of(Objects.requireNonNull(due.conversation()), due.now())
                                    .dueAt(due.now().plus(LONG))
                                    .done())))
                    .hasSize(1);
            host.rollback();
        }
        assertThat(troubles.states()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void I5_the_sweeper_decides_and_writes_in_the_transaction_that_claimed(Dialect dialect) {
        JdbiConversationStore store = database(dialect).emptyStore();
        ChangeSet due = Draft.opening(Samples.address("c1"), store.now())
                .dueAt(store.now())
                .done();
        store.commit(List.of(due));
        ChangeSet meanwhile = Draft.of(due.next(), store.now()).hears("wait!").done();
        List<Object> seen = new ArrayList<>();

        List<ChangeSet> swept = store.sweep(10, snapshot -> {
            seen.addAll(store.commit(List.of(meanwhile)));
            seen.addAll(store.sweep(10, BystandersTest::closing));
            return closing(snapshot);
        });

        assertThat(seen).containsExactly(new Busy());
        assertThat(swept).hasSize(1);
        assertThat(store.conversation(due.next().id())).contains(swept.get(0).next());
    }

    @ParameterizedTest
    @EnumSource
    void I5_a_decision_that_cannot_be_stored_lets_the_others_go_first(Dialect dialect) {
        JdbiConversationStore store = database(dialect).emptyStore();
        Instant now = store.now();
        ChangeSet broken = Draft.opening(Samples.address("broken"), now)
                .hears("hello")
                .dueAt(now.minusSeconds(2))
                .done();
        ChangeSet fine = Draft.opening(Samples.address("fine"), now)
                .dueAt(now.minusSeconds(1))
                .done();
        store.commit(List.of(broken, fine));

        List<ChangeSet> swept = new ArrayList<>(store.sweep(1, snapshot -> closingWithWhatIsThere(store, snapshot)));
        swept.addAll(store.sweep(1, snapshot -> closingWithWhatIsThere(store, snapshot)));

        assertThat(swept)
                .extracting(change -> change.next().id())
                .containsExactly(fine.next().id());
        assertThat(store.conversation(broken.next().id())).contains(broken.next());
    }

    @ParameterizedTest
    @EnumSource
    void what_waited_for_a_lock_bears_the_time_after_the_wait(Dialect dialect) throws Exception {
        JdbiConversationStore store = database(dialect).emptyStore();
        saying(store, "c1");
        OutboundMessage message = permit(store);
        Instant waited;
        try (Handle host = holding(dialect, "handoff_outbox")) {
            Future<Boolean> reporting = threads.submit(() -> store.recordDelivery(report(message)));
            while (database(dialect).waiting() == 0 && !reporting.isDone()) {
                Thread.onSpinWait();
            }
            waited = store.now();
            host.rollback();
            assertThat(reporting.get(30, TimeUnit.SECONDS)).isTrue();
        }
        store.sequenceFeed(10);

        assertThat(store.feed(Samples.TENANT, 0, 10).stream().map(FeedEntry::event))
                .filteredOn(event -> event.type() == EventType.DELIVERY_UPDATED)
                .extracting(Event::at)
                .singleElement()
                .satisfies(at -> assertThat(at).isAfterOrEqualTo(waited));
    }

    @ParameterizedTest
    @EnumSource
    void what_a_host_holds_of_one_inbox_costs_no_other_its_turn(Dialect dialect) {
        JdbiConversationStore store = database(dialect).emptyStore();
        saying(store, "inbox:2", "c1");
        permit(store);
        saying(store, "inbox:2", "c2");
        saying(store, "inbox:1", "c3");
        try (Handle host = database(dialect).jdbi().open()) {
            host.begin();
            host.createQuery("SELECT 1 FROM handoff_outbox WHERE customer = 'c3' FOR UPDATE")
                    .mapTo(Integer.class)
                    .list();

            assertThat(permit(store).address().inbox())
                    .as("although inbox:1 was served longest ago")
                    .isEqualTo("inbox:2");
            host.rollback();
        }
        assertThat(permit(store).address().inbox()).isEqualTo("inbox:1");
    }

    /** A message's way: a permit, an unknown outcome, a look-up, a report; and a lease that runs out. */
    private static void sendsOne(JdbiConversationStore store) {
        OutboundMessage message = permit(store);
        store.recordResults(List.of(
                new AttemptResult(message.id(), message.attemptToken(), new Verdict.Unknown("?", Duration.ZERO))));
        assertThat(store.claimUnresolved(1, LONG)).hasSize(1);
        assertThat(store.recordDelivery(report(message))).isTrue();
        assertThat(store.claimPermits(PermitRequest.upTo(1, Duration.ZERO))).hasSize(1);
        assertThat(store.expireLeases(1)).isEqualTo(1);
        assertThat(store.message(message.id()).orElseThrow().delivery()).isEqualTo(Delivery.SENT);
    }

    private static DeliveryUpdate report(OutboundMessage message) {
        return new DeliveryUpdate(
                Samples.TENANT, "fake", null, message.attemptToken(), "p1", DeliveryStatus.SENT, null);
    }

    private static OutboundMessage permit(JdbiConversationStore store) {
        return store.claimPermits(PermitRequest.upTo(1, LONG)).get(0).message();
    }

    private static Conversation saying(JdbiConversationStore store, String customer) {
        return saying(store, "inbox:1", customer);
    }

    private static Conversation saying(JdbiConversationStore store, String inbox, String customer) {
        ChangeSet change = Draft.opening(new ConversationAddress(Samples.TENANT, "fake", inbox, customer), store.now())
                .says(MessageOwner.AGENT, "one")
                .says(MessageOwner.AGENT, "two")
                .done();
        store.commit(List.of(change));
        return change.next();
    }

    private static Optional<ChangeSet> closing(Snapshot due) {
        return Optional.of(Draft.of(Objects.requireNonNull(due.conversation()), due.now())
                .closed()
                .done());
    }

    /** Where there is a message, with it once more at its place: no database takes that. */
    private static Optional<ChangeSet> closingWithWhatIsThere(JdbiConversationStore store, Snapshot due) {
        ChangeSet closing = closing(due).orElseThrow();
        return Optional.of(new ChangeSet(
                closing.id(),
                null,
                closing.expectedVersion(),
                closing.next(),
                store.messages(closing.next().id(), 0, 1),
                closing.events(),
                closing.controlChanged(),
                closing.loads(),
                closing.botLease()));
    }

    private static Handle holding(Dialect dialect, String table) {
        Handle host = database(dialect).jdbi().open();
        host.begin();
        assertThat(host.createQuery("SELECT 1 FROM " + table + " FOR UPDATE")
                        .mapTo(Integer.class)
                        .list())
                .isNotEmpty();
        return host;
    }

    private static TestDatabase database(Dialect dialect) {
        return Objects.requireNonNull(DATABASES.get(dialect));
    }

    private static Troubles listening(Dialect dialect) {
        Troubles troubles = new Troubles();
        database(dialect).jdbi().setSqlLogger(troubles);
        return troubles;
    }
}
