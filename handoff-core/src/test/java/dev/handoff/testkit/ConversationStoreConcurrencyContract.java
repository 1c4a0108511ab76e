package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.address;
import static dev.handoff.testkit.StoreUnderTest.again;
import static dev.handoff.testkit.StoreUnderTest.sent;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.BotWork;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.CommitResult.AlreadyDone;
import dev.handoff.store.CommitResult.Committed;
import dev.handoff.store.CommitResult.Conflict;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.Feed.FeedEntry;
import dev.handoff.store.History.Query;
import dev.handoff.store.Lookup;
import dev.handoff.store.OnceKey;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link ConversationStore} promises to several threads at once. Subclass it once for each store, beside
 * {@link ConversationStoreContract}. The store must take eight callers at a time; a pool of connections needs as many.
 */
@Timeout(90)
public abstract class ConversationStoreConcurrencyContract implements StoreUnderTest {
    private ConversationStore store;

    /** An empty store, ready to use by eight threads. Called before each test. */
    protected abstract ConversationStore newStore();

    @BeforeEach
    final void beginWithAnEmptyStore() {
        store = newStore();
    }

    @Override
    public final ConversationStore store() {
        return store;
    }

    /** As in {@link ConversationStoreContract#letPass}. */
    @Override
    public void letPass(Duration time) {
        Awaiting.timeToPass(store, time);
    }

    @Test
    void I2_of_concurrent_claims_exactly_one_wins_and_the_others_are_told() throws Exception {
        for (int round = 0; round < 15; round++) {
            Conversation conversation = commit(opening("c" + round).hears("a person, please"));

            List<CommitResult> results =
                    Together.run(6, thread -> attempt(change(conversation).taken(agent("agent-" + thread, 1000))));

            assertThat(results).filteredOn(Committed.class::isInstance).hasSize(1);
            assertThat(results).filteredOn(Conflict.class::isInstance).hasSize(5);
            String winner = "agent-" + indexOfCommitted(results);
            assertThat(store().conversation(conversation.id()).orElseThrow().agentId())
                    .isEqualTo(winner);
        }
        int held = 0;
        for (int thread = 0; thread < 6; thread++) {
            held += store().agent(TENANT, "agent-" + thread)
                    .map(state -> state.load())
                    .orElse(0);
        }
        assertThat(held).isEqualTo(15);
    }

    @Test
    void I9_capacity_is_never_passed_however_many_assign_at_once() throws Exception {
        int capacity = 3;
        List<Conversation> waiting =
                StoreUnderTest.times(30, i -> commit(opening("c" + i).waits("default", 0, now())));

        List<Integer> taken = Together.run(6, thread -> {
            int won = 0;
            for (int i = 0; i < waiting.size(); i++) {
                Conversation conversation = waiting.get((i + thread * 5) % waiting.size());
                for (String name : List.of("ana", "bruno")) {
                    if (attempt(change(conversation).taken(agent(name, capacity))) instanceof Committed) {
                        won++;
                        break;
                    }
                }
            }
            return won;
        });

        assertThat(taken.stream().mapToInt(Integer::intValue).sum()).isEqualTo(2 * capacity);
        for (String name : List.of("ana", "bruno")) {
            assertThat(store().agent(TENANT, name).orElseThrow().load()).isEqualTo(capacity);
            assertThat(store().conversations(new Query(TENANT, null, null, name, null, 100, null))
                            .items())
                    .hasSize(capacity);
        }
    }

    @Test
    void workers_at_once_give_each_moment_of_a_senders_pace_away_once() throws Exception {
        int messages = 100;
        Duration interval = Duration.ofMillis(5);
        for (int i = 0; i < messages; i++) {
            saying("c" + i, MessageOwner.BOT, "one");
        }
        PermitRequest paced = new PermitRequest(100, 100, Map.of(), interval, Duration.ZERO, LONG);
        AtomicInteger left = new AtomicInteger(messages);

        List<Instant> begun = Together.run(6, thread -> {
                    List<Instant> moments = new ArrayList<>();
                    while (left.get() > 0) {
                        List<OutboundPermit> permits = store().claimPermits(paced);
                        left.addAndGet(-permits.size());
                        permits.forEach(permit -> moments.add(permit.message().attemptedAt()));
                    }
                    return moments;
                })
                .stream()
                .flatMap(List::stream)
                .sorted()
                .toList();

        assertThat(begun).hasSize(messages);
        for (int i = 1; i < messages; i++) {
            assertThat(Duration.between(begun.get(i - 1), begun.get(i))).isGreaterThanOrEqualTo(interval);
        }
    }

    @Test
    void I10_a_burst_from_one_customer_opens_one_conversation_that_holds_all_of_it() throws Exception {
        for (int round = 0; round < 8; round++) {
            String customer = "c" + round;

            Together.run(6, thread -> receive(customer, key(customer + "-" + thread)));

            List<Conversation> opened = store().conversations(new Query(TENANT, null, null, null, customer, 100, null))
                    .items();
            assertThat(opened).hasSize(1);
            assertThat(store().messages(opened.get(0).id(), 0, 100))
                    .extracting(message -> message.id().seq())
                    .containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        }
    }

    @Test
    void I3_a_message_that_is_delivered_many_times_at_once_is_stored_once() throws Exception {
        for (int round = 0; round < 8; round++) {
            String customer = "c" + round;
            OnceKey key = key("SM" + round);

            List<CommitResult> results = Together.run(6, thread -> receive(customer, key));

            assertThat(results).filteredOn(Committed.class::isInstance).hasSize(1);
            assertThat(results).filteredOn(AlreadyDone.class::isInstance).hasSize(5);
            Conversation conversation = snapshot(customer, null).conversation();
            assertThat(store().messages(conversation.id(), 0, 100)).hasSize(1);
            assertThat(store().events(conversation.id(), 0, 100)).hasSize(2);
        }
    }

    @Test
    void groups_that_overlap_in_any_order_lose_no_change_and_make_none_twice() throws Exception {
        long seed = System.nanoTime();
        System.out.println("groups_that_overlap: seed " + seed);
        List<Conversation> conversations =
                StoreUnderTest.times(12, i -> commit(opening("c" + i).hears("hello")));

        for (int round = 0; round < 8; round++) {
            List<Conversation> present = List.copyOf(conversations);
            long roundSeed = seed + round;
            List<List<ChangeSet>> kept = Together.run(4, thread -> {
                List<ChangeSet> group = new ArrayList<>();
                for (Conversation conversation : present) {
                    group.add(change(conversation)
                            .hears("from thread " + thread)
                            .happened(EventType.DEADLINE_WARNING, new Actor.Clock())
                            .done());
                }
                Collections.shuffle(group, new Random(roundSeed * 31 + thread));
                List<CommitResult> results = store().commit(group);
                List<ChangeSet> mine = new ArrayList<>();
                for (int i = 0; i < results.size(); i++) {
                    CommitResult result = results.get(i) instanceof CommitResult.Busy
                            ? store().commitPatiently(group.get(i))
                            : results.get(i);
                    if (result instanceof Committed) {
                        mine.add(group.get(i));
                    } else {
                        assertThat(result).isInstanceOf(Conflict.class);
                    }
                }
                return mine;
            });

            List<ChangeSet> all = kept.stream().flatMap(Collection::stream).toList();
            assertThat(all)
                    .extracting(change -> change.next().id())
                    .containsExactlyInAnyOrderElementsOf(
                            present.stream().map(Conversation::id).toList());
            for (ChangeSet change : all) {
                assertThat(store().conversation(change.next().id())).contains(change.next());
            }
            conversations = all.stream().map(ChangeSet::next).toList();
        }
    }

    @Test
    void I4_sends_happen_in_queue_order_one_at_a_time_for_each_conversation() throws Exception {
        int perConversation = 12;
        List<Conversation> conversations = StoreUnderTest.times(5, i -> {
            Draft draft = opening("c" + i);
            for (int j = 0; j < perConversation; j++) {
                draft.says(MessageOwner.BOT, "message " + j);
            }
            return commit(draft);
        });
        Map<ConversationId, AtomicInteger> underWay = new ConcurrentHashMap<>();
        Map<ConversationId, Queue<Long>> sends = new ConcurrentHashMap<>();
        Queue<String> breaches = new ConcurrentLinkedQueue<>();
        AtomicInteger left = new AtomicInteger(conversations.size() * perConversation);

        Together.run(4, thread -> {
            while (left.get() > 0 && !Thread.currentThread().isInterrupted()) {
                List<OutboundPermit> permits = permits(3);
                for (OutboundPermit permit : permits) {
                    ConversationId conversation = permit.message().id().conversation();
                    AtomicInteger here = underWay.computeIfAbsent(conversation, id -> new AtomicInteger());
                    if (here.incrementAndGet() > 1) {
                        breaches.add("two sends at once in " + conversation);
                    }
                    boolean retry = permit.message().attempt() == 1
                            && permit.message().id().seq() % 4 == 0;
                    if (!retry) {
                        sends.computeIfAbsent(conversation, id -> new ConcurrentLinkedQueue<>())
                                .add(permit.message().id().seq());
                        left.decrementAndGet();
                    }
                    here.decrementAndGet();
                    record(
                            permit,
                            retry ? again() : sent("p-" + permit.message().attemptToken()));
                }
            }
            return null;
        });

        assertThat(breaches).isEmpty();
        for (Conversation conversation : conversations) {
            assertThat(sends.get(conversation.id()))
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, perConversation).boxed().toList());
        }
    }

    @Test
    void I1_no_bot_message_gets_a_permit_after_a_takeover_and_those_in_flight_are_reported() throws Exception {
        TakeoverRace race = new TakeoverRace(this);

        race.run();

        assertThat(race.messages()).isEqualTo(race.takeovers() * 3);
        assertThat(race.breaches()).isEmpty();
        assertThat(race.unsettled()).isEmpty();
        assertThat(permits()).isEmpty();
    }

    @Test
    void a_result_and_reports_that_come_at_once_leave_the_highest_and_tell_each_step_once() throws Exception {
        for (int round = 0; round < 15; round++) {
            MessageId id = message(saying("c" + round, MessageOwner.BOT, "one"), 1);
            OutboundPermit permit = permit();
            String providerId = "p" + round;

            Together.run(4, thread -> {
                switch (thread) {
                    case 0 -> record(permit, sent(providerId));
                    case 1 -> report(permit, providerId, DeliveryStatus.DELIVERED);
                    case 2 -> report(permit, providerId, DeliveryStatus.SENT);
                    default -> report(permit, providerId, DeliveryStatus.DELIVERED);
                }
                return null;
            });

            Message settled = stored(id);
            assertThat(settled.delivery()).isEqualTo(Delivery.DELIVERED);
            assertThat(settled.providerMessageId()).isEqualTo(providerId);
            assertThat(deliveriesTold(id)).isIn(List.of("DELIVERED"), List.of("SENT", "DELIVERED"));
        }
    }

    @Test
    void a_bots_turn_is_claimed_by_one_of_many() throws Exception {
        int turns = 60;
        for (int round = 0; round < 6; round++) {
            int first = round * turns;
            store().commit(StoreUnderTest.times(
                    turns, i -> opening("c" + (first + i)).hears("hello").done()));
            Queue<BotWork> claimed = new ConcurrentLinkedQueue<>();

            Together.run(4, thread -> {
                Awaiting.busily(
                        () -> {
                            claimed.addAll(store().claimBotTurns(2, LONG));
                            return claimed.size() >= turns;
                        },
                        "turns are left unclaimed");
                return null;
            });

            assertThat(claimed).hasSize(turns);
            assertThat(claimed).extracting(work -> work.conversation().id()).doesNotHaveDuplicates();
            assertThat(claimed).extracting(BotWork::attempt).containsOnly(1);
        }
    }

    @Test
    void I5_sweeps_by_several_threads_act_on_each_deadline_once() throws Exception {
        int due = 40;
        for (int i = 0; i < due; i++) {
            commit(opening("c" + i).dueAt(now()));
        }
        Queue<ChangeSet> swept = new ConcurrentLinkedQueue<>();

        Together.run(4, thread -> {
            Awaiting.busily(
                    () -> {
                        swept.addAll(store().sweep(5, ConversationStoreConcurrencyContract::closing));
                        return swept.size() >= due;
                    },
                    "conversations are left waiting");
            return null;
        });

        assertThat(swept).hasSize(due);
        assertThat(swept).extracting(change -> change.next().id()).doesNotHaveDuplicates();
        for (ChangeSet change : swept) {
            assertThat(store().conversation(change.next().id())).contains(change.next());
        }
    }

    @Test
    void a_message_that_arrives_while_the_sweeper_acts_is_not_overwritten() throws Exception {
        for (int round = 0; round < 15; round++) {
            String customer = "c" + round;
            Conversation waiting = commit(opening(customer).dueAt(now()));
            OnceKey key = key("SM" + round);

            Together.run(
                    2,
                    thread -> thread == 0
                            ? store().sweep(10, ConversationStoreConcurrencyContract::closing)
                            : receive(customer, key));

            List<Conversation> all = store().conversations(new Query(TENANT, null, null, null, customer, 10, null))
                    .items();
            long messages = all.stream()
                    .mapToLong(conversation ->
                            store().messages(conversation.id(), 0, 10).size())
                    .sum();
            assertThat(messages).isEqualTo(1);
            Conversation first = store().conversation(waiting.id()).orElseThrow();
            assertThat(store().messages(first.id(), 0, 10)).hasSize((int) first.lastSeq());
            assertThat(store().events(first.id(), 0, 10)).hasSize((int) first.eventSeq());
        }
    }

    @Test
    void I6_a_feed_that_is_read_while_it_is_written_has_no_gap_and_keeps_each_conversations_order() throws Exception {
        int writers = 4;
        int commits = 150;
        AtomicInteger writing = new AtomicInteger(writers);
        AtomicInteger sequencing = new AtomicInteger(2);
        Queue<List<FeedEntry>> read = new ConcurrentLinkedQueue<>();

        Together.run(writers + 4, thread -> {
            if (thread < writers) {
                write("c" + thread, commits, writing);
            } else if (thread < writers + 2) {
                sequence(writing, sequencing);
            } else {
                read.add(readAll(sequencing));
            }
            return null;
        });

        List<FeedEntry> feed = feed(TENANT);
        assertThat(feed).hasSize(writers * (1 + 2 * commits));
        assertThat(feed).extracting(FeedEntry::cursor).isSorted().doesNotHaveDuplicates();
        assertThat(read).hasSize(2).allSatisfy(seen -> assertThat(seen).isEqualTo(feed));
        Map<ConversationId, List<Long>> places = new ConcurrentHashMap<>();
        for (FeedEntry entry : feed) {
            Event event = entry.event();
            places.computeIfAbsent(event.conversation(), id -> new ArrayList<>())
                    .add(event.seq());
        }
        assertThat(places).hasSize(writers);
        assertThat(places.values())
                .allSatisfy(seqs -> assertThat(seqs)
                        .containsExactlyElementsOf(LongStream.rangeClosed(1, 1 + 2L * commits)
                                .boxed()
                                .toList()));
    }

    private void write(String customer, int commits, AtomicInteger writing) {
        try {
            Conversation conversation = commit(opening(customer));
            for (int i = 0; i < commits; i++) {
                conversation = commit(change(conversation).hears("hello").notes("noted"));
            }
        } finally {
            writing.decrementAndGet();
        }
    }

    /** Moves events until nobody writes and a whole round has found nothing. */
    private void sequence(AtomicInteger writing, AtomicInteger sequencing) {
        Awaiting.busily(
                () -> {
                    boolean allWritten = writing.get() == 0;
                    return store().sequenceFeed(7) == 0 && allWritten;
                },
                "the feed is never at its end");
        sequencing.decrementAndGet();
    }

    /** Reads on from the last cursor, as an agent's screen does, until nothing more can come. */
    private List<FeedEntry> readAll(AtomicInteger sequencing) {
        List<FeedEntry> seen = new ArrayList<>();
        Awaiting.busily(
                () -> {
                    boolean allThere = sequencing.get() == 0;
                    long after = seen.isEmpty() ? 0 : seen.get(seen.size() - 1).cursor();
                    List<FeedEntry> page = store().feed(TENANT, after, 5);
                    seen.addAll(page);
                    return page.isEmpty() && allThere;
                },
                "the feed never ends");
        return seen;
    }

    /** Receives a message as the engine does: on a lost race it decides again on a fresh snapshot. */
    private CommitResult receive(String customer, OnceKey key) {
        CommitResult[] result = new CommitResult[1];
        Awaiting.busily(
                () -> {
                    Snapshot snapshot = snapshot(customer, key);
                    if (snapshot.prior() != null) {
                        result[0] = new AlreadyDone(snapshot.prior());
                        return true;
                    }
                    Draft draft = snapshot.conversation() == null
                            ? Draft.opening(address(TENANT, customer), snapshot.now())
                            : Draft.of(snapshot.conversation(), snapshot.now());
                    result[0] = attempt(draft.once(key).hears("hello"));
                    return !(result[0] instanceof Conflict);
                },
                "a message is never stored");
        return result[0];
    }

    private Snapshot snapshot(String customer, @Nullable OnceKey key) {
        return store().snapshots(List.of(new Lookup.ByAddress(address(TENANT, customer), key)))
                .get(0);
    }

    private static Optional<ChangeSet> closing(Snapshot snapshot) {
        return Optional.of(
                Draft.of(snapshot.conversation(), snapshot.now()).closed().done());
    }

    private static int indexOfCommitted(List<CommitResult> results) {
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i) instanceof Committed) {
                return i;
            }
        }
        throw new AssertionError("nobody has won: " + results);
    }

    private static OnceKey key(String providerId) {
        return new OnceKey(TENANT, OnceKey.Kind.INBOUND, "fake:" + providerId, "");
    }

    private static Agent agent(String id, int capacity) {
        return new Agent(TENANT, id, AgentRole.AGENT, capacity);
    }
}
