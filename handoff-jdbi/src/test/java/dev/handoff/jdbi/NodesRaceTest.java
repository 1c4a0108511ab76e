package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.Handoff;
import dev.handoff.ReceiveResult;
import dev.handoff.bot.BotReply;
import dev.handoff.channel.Channel;
import dev.handoff.channel.InboundMessage;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.channel.SendResult;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Rejection;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.EventType;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.policy.DeadlineAction;
import dev.handoff.policy.Deadlines;
import dev.handoff.policy.HandoffPolicies;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several nodes through the front door, over one PostgreSQL, as fast as they can. */
@Timeout(value = 2, unit = TimeUnit.HOURS) // as long as whoever runs it asks for
class NodesRaceTest {
    private static final int TAKEOVERS = Integer.getInteger("handoff.test.takeovers", 400);
    private static final int WAITING = Integer.getInteger("handoff.test.waiting", 300);
    private static final int DISPATCHING_NODES = 4;
    private static final int TALKS = 8;
    private static final int AGENTS = 50;
    private static final int CAPACITY = 3;
    private static final Agent SAM = new Agent(Samples.TENANT, "sam", AgentRole.SUPERVISOR, null);

    private final AtomicLong names = new AtomicLong();

    @Test
    void I1_nothing_of_the_bots_is_sent_after_a_takeover_that_did_not_report_it_in_flight() throws Exception {
        long seed = Long.getLong("handoff.test.seed", System.nanoTime());
        System.out.println("NodesRaceTest seed " + seed + " (-Dhandoff.test.seed=" + seed + ")");
        RecordingChannel channel = new RecordingChannel();
        try (Nodes nodes = new Nodes(DISPATCHING_NODES, channel)) {
            List<Takeover> takeovers =
                    together(TALKS, talk -> takeOverAgainAndAgain(nodes, talk, new Random(seed + talk))).stream()
                            .flatMap(List::stream)
                            .toList();

            int reported = takeovers.stream()
                    .mapToInt(takeover -> takeover.inFlight().size())
                    .sum();
            List<String> breaches = breaches(takeovers, channel.sends);
            System.out.printf(
                    "Takeovers: %,d against %d dispatching nodes, %,d sends, %,d messages reported in flight, %,d sent"
                            + " after the takeover and not reported%n",
                    takeovers.size(), DISPATCHING_NODES, channel.sends.size(), reported, breaches.size());
            assertThat(breaches).isEmpty();
            assertThat(takeovers).hasSizeGreaterThanOrEqualTo(TAKEOVERS);
            assertThat(reported)
                    .as("takeovers that met a send, or this shows nothing")
                    .isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8})
    void I2_I9_each_waiting_conversation_has_one_winner_and_no_agent_more_than_their_capacity(int count)
            throws Exception {
        try (Nodes nodes = new Nodes(count, new RecordingChannel())) {
            List<ConversationId> waiting = together(8, thread -> askForHumans(nodes.get(thread), thread)).stream()
                    .flatMap(List::stream)
                    .toList();
            Map<ConversationId, String> winners = new ConcurrentHashMap<>();
            AtomicInteger next = new AtomicInteger();
            long begun = System.nanoTime();

            List<Integer> most = together(AGENTS, agent -> serve(nodes.get(agent), agent, waiting, next, winners));

            System.out.printf(
                    "Claims: %d nodes, %,d waiting conversations, %d agents of capacity %d: %,d winners, at most %d held,"
                            + " in %,d ms%n",
                    count,
                    waiting.size(),
                    AGENTS,
                    CAPACITY,
                    winners.size(),
                    most.stream().mapToInt(Integer::intValue).max().orElse(0),
                    (System.nanoTime() - begun) / 1_000_000);
            assertThat(winners.keySet()).containsExactlyInAnyOrderElementsOf(waiting);
            assertThat(most).allMatch(held -> held <= CAPACITY);
            for (ConversationId id : waiting) {
                assertThat(nodes.get(0).history().events(id, 0, 100))
                        .filteredOn(event -> event.type() == EventType.AGENT_ASSIGNED)
                        .hasSize(1);
            }
        }
    }

    private record Takeover(ConversationId conversation, long lastSeq, Set<MessageId> inFlight, long answeredAt) {}

    private record Send(MessageId message, long begunAt) {}

    private List<Takeover> takeOverAgainAndAgain(Nodes nodes, int talk, Random random) {
        List<Takeover> takeovers = new ArrayList<>();
        ConversationId id = opened(nodes.get(talk), "customer" + talk, "oi");
        while (takeovers.size() * TALKS < TAKEOVERS) {
            Handoff node = nodes.get(random.nextInt(DISPATCHING_NODES));
            node.receive(message("customer" + talk, "and then?"));
            LockSupport.parkNanos(random.nextInt(20_000_000));
            CommandResult.Done taken = node.as(SAM).takeOver(id).orThrow();
            takeovers.add(
                    new Takeover(id, taken.conversation().lastSeq(), Set.copyOf(taken.inFlight()), System.nanoTime()));
            node.as(SAM).releaseToBot(id, "go on", null).orThrow();
        }
        return takeovers;
    }

    private static List<String> breaches(List<Takeover> takeovers, Iterable<Send> sends) {
        Map<ConversationId, List<Takeover>> byConversation = new ConcurrentHashMap<>();
        takeovers.forEach(takeover -> byConversation
                .computeIfAbsent(takeover.conversation(), none -> new ArrayList<>())
                .add(takeover));
        List<String> breaches = new ArrayList<>();
        for (Send send : sends) {
            for (Takeover takeover : byConversation.getOrDefault(send.message().conversation(), List.of())) {
                if (send.message().seq() <= takeover.lastSeq()
                        && send.begunAt() > takeover.answeredAt()
                        && !takeover.inFlight().contains(send.message())) {
                    breaches.add(send.message() + " was sent after a takeover that did not name it");
                }
            }
        }
        return breaches;
    }

    private List<ConversationId> askForHumans(Handoff node, int thread) {
        List<ConversationId> ids = new ArrayList<>();
        for (int i = thread; i < WAITING; i += 8) {
            ids.add(opened(node, "waiting" + i, "a human, please"));
        }
        return ids;
    }

    /** Takes what it can, and closes the oldest when it can take no more; returns how many it held at most. */
    private static int serve(
            Handoff node,
            int number,
            List<ConversationId> waiting,
            AtomicInteger next,
            Map<ConversationId, String> winners) {
        Agent agent = new Agent(Samples.TENANT, "agent" + number, AgentRole.AGENT, CAPACITY);
        Deque<ConversationId> held = new ArrayDeque<>();
        int most = 0;
        for (int at = next.get(); at < waiting.size(); at = next.get()) {
            ConversationId id = waiting.get(at);
            CommandResult result = node.as(agent).assign(id);
            if (result instanceof CommandResult.Done) {
                assertThat(winners.putIfAbsent(id, agent.id()))
                        .as("another winner of " + id)
                        .isNull();
                held.add(id);
                most = Math.max(most, held.size());
                next.compareAndSet(at, at + 1);
            } else if (result instanceof CommandResult.Refused refused
                    && refused.reason() instanceof Rejection.CapacityReached) {
                assertThat(held).as("refused for capacity with room left").hasSize(CAPACITY);
                node.as(agent).close(held.remove(), "done").orThrow();
            } else {
                next.compareAndSet(at, at + 1);
            }
        }
        return most;
    }

    private ConversationId opened(Handoff node, String customer, String text) {
        return ((ReceiveResult.Stored) node.receive(message(customer, text)))
                .conversation()
                .id();
    }

    private InboundMessage message(String customer, String text) {
        return new InboundMessage(
                new ConversationAddress(Samples.TENANT, "fake", "inbox", customer),
                "in" + names.incrementAndGet(),
                Content.text(text),
                null,
                Map.of());
    }

    private interface Work<T> {
        T of(int thread) throws Exception;
    }

    private static <T> List<T> together(int threads, Work<T> work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                futures.add(pool.submit(() -> work.of(thread)));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    /** Nodes as processes would be: each with a pool and workers of its own, over one database. */
    private static final class Nodes implements AutoCloseable {
        private final List<TestDatabase> pools = new ArrayList<>();
        private final List<Handoff> nodes = new ArrayList<>();

        Nodes(int count, Channel channel) {
            String url = PostgresServers.jdbcUrl(PostgresServers.OLDEST);
            for (int i = 0; i < count; i++) {
                TestDatabase pool = TestDatabase.at(url);
                pools.add(pool);
                if (i == 0) {
                    pool.migrated();
                }
                Handoff node = Handoff.builder()
                        .store(pool.store())
                        .channel(channel)
                        .bot(turn -> new BotReply.Say(
                                List.of(Content.text("one"), Content.text("two"), Content.text("three")), 1))
                        .policy(HandoffPolicies.customerAsksForHuman())
                        // Who waits here waits for the race to end, however slow the machine.
                        .deadlines(Deadlines.defaults()
                                .waiting(Duration.ofHours(6), DeadlineAction.RELEASE)
                                .agentSilent(Duration.ofHours(6), DeadlineAction.RELEASE))
                        .outbound(OutboundSettings.defaults().pace(1_000_000, 1_000_000))
                        .build();
                node.start();
                nodes.add(node);
            }
        }

        Handoff get(int number) {
            return nodes.get(number % nodes.size());
        }

        @Override
        public void close() {
            nodes.forEach(Handoff::close);
            pools.forEach(TestDatabase::close);
        }
    }

    /** Takes its time, so that takeovers meet sends. */
    private static final class RecordingChannel implements Channel {
        private final ConcurrentLinkedQueue<Send> sends = new ConcurrentLinkedQueue<>();

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public Optional<String> refuses(
                ConversationAddress address, Content content, @Nullable Instant lastInboundAt, Instant now) {
            return Optional.empty();
        }

        @Override
        public int maxTextLength() {
            return 1600;
        }

        @Override
        public SendResult send(OutboundMessage message) {
            if (message.owner() == MessageOwner.BOT) {
                sends.add(new Send(message.id(), System.nanoTime()));
            }
            LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
            return new SendResult.Sent("sent-" + message.attemptToken());
        }

        @Override
        public LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
            return new LookupResult.NotFound();
        }
    }
}
