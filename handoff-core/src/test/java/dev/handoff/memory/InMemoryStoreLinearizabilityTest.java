package dev.handoff.memory;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.AgentState;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.AttemptResult.Verdict;
import dev.handoff.store.BotLease;
import dev.handoff.store.BotWork;
import dev.handoff.store.CommitResult;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.Feed.FeedEntry;
import dev.handoff.store.Lookup;
import dev.handoff.store.OnceKey;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.PermitRequest;
import dev.handoff.testkit.Draft;
import java.time.Duration;
import java.time.Instant;
import java.util.Formatter;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.CTestStructure;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.kotlinx.lincheck.execution.RandomExecutionGenerator;
import org.jetbrains.lincheck.datastructures.CTestConfiguration;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuarantee;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ParameterGenerator;
import org.jetbrains.lincheck.datastructures.RandomProvider;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * Each call of the store is a transaction: whatever two threads are answered, one thread could have been answered that
 * made the same calls one after the other. Lincheck makes up what the threads do, and looks for an order that explains
 * the answers.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class InMemoryStoreLinearizabilityTest {
    private static final String HOW_MANY = "handoff.test.lincheck.scenarios";
    private static final int SCENARIOS = Integer.getInteger(HOW_MANY, 20);
    private static final int THREADS = 2;

    /** Stopping within them would show nothing, and most of the time would go into it. */
    private static final ManagedStrategyGuarantee DRAFTS_ARE_NOT_SHARED = ManagedStrategyGuaranteeKt.forClasses(
                    Draft.class.getName())
            .allMethods()
            .ignore();

    /** Finds what is seen half done: a thread is stopped between any two accesses to memory, and the other goes on. */
    @Test
    void calls_that_are_stopped_anywhere_for_others_are_as_if_one_came_after_the_other() {
        check(new ModelCheckingOptions().addGuarantee(DRAFTS_ARE_NOT_SHARED), 30);
    }

    /**
     * Finds what only processors do, which see each other's writes late where there is no lock. In long runs only: Lincheck
     * rewrites each loaded class before and after, which takes longer than all else here when other tests have run before.
     */
    @Test
    @EnabledIfSystemProperty(named = HOW_MANY, matches = "[0-9]+")
    void calls_that_meet_by_chance_are_as_if_one_came_after_the_other() {
        check(new StressOptions(), 100);
    }

    /** What a race throws may be formatted, and Lincheck hangs where a locale is loaded meanwhile. */
    @BeforeAll
    static void loadTheLocale() {
        new Formatter().format("%d", 1).close();
    }

    private static void check(Options<?, ?> options, int invocations) {
        options.executionGenerator(AfterMariaHasWritten.class)
                .iterations(SCENARIOS)
                .invocationsPerIteration(invocations)
                .threads(THREADS)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(1)
                .check(Desk.class);
    }

    /**
     * What Lincheck makes up, after Maria has written: at an empty desk nearly every call comes to nothing. Not in the
     * desk's constructor, where Lincheck does not look: objects would have other identity hashes there than later, and
     * the store would not find them again.
     */
    public static final class AfterMariaHasWritten extends RandomExecutionGenerator {
        private static final Actor MARIA_WRITES = new Actor(
                ReflectionSupport.findMethod(Desk.class, "writes", String.class, int.class)
                        .orElseThrow(),
                List.of("maria", 1));

        public AfterMariaHasWritten(
                CTestConfiguration configuration, CTestStructure operations, RandomProvider randoms) {
            super(configuration, operations, randoms);
        }

        @Override
        public ExecutionScenario nextExecution() {
            ExecutionScenario made = super.nextExecution();
            return new ExecutionScenario(
                    List.of(MARIA_WRITES),
                    made.getParallelExecution(),
                    made.getPostExecution(),
                    made.getValidationFunction());
        }
    }

    /** Makes one of the words that the configuration lists. */
    public static final class OneOf implements ParameterGenerator<String> {
        private final List<String> words;
        private final Random random;

        public OneOf(RandomProvider randoms, String words) {
            this.words = List.of(words.split(" "));
            this.random = randoms.createRandom();
        }

        @Override
        public String generate() {
            return words.get(random.nextInt(words.size()));
        }
    }

    /**
     * A desk with two customers and two agents, each with room for one conversation. Time stands still, and every
     * conversation is due. What a thread remembers between two calls is its own, so that nothing but the store is shared.
     * Operations name their parameters: once Lincheck has rewritten a class, reflection does not know their names.
     */
    @Param(name = "customer", gen = OneOf.class, conf = "maria joao")
    @Param(name = "agent", gen = OneOf.class, conf = "ana rui")
    @Param(name = "outcome", gen = OneOf.class, conf = "sent again unknown dead")
    @Param(name = "status", gen = OneOf.class, conf = "SENT DELIVERED FAILED")
    @Param(name = "number", gen = IntGen.class, conf = "1:2")
    @Param(name = "thread", gen = ThreadIdGen.class)
    public static class Desk {
        private static final Instant NOW = Instant.parse("2025-01-01T12:00:00Z");
        private static final Duration LONG = Duration.ofMinutes(10);

        private final ConversationStore store = new InMemoryConversationStore(() -> NOW);
        private final @Nullable BotWork[] turns = new BotWork[THREADS];
        private final @Nullable OutboundMessage[] permits = new OutboundMessage[THREADS];

        /** The bot has a quick answer, and owes a better one. */
        @Operation(params = {"customer", "number"})
        public @Nullable CommitResult writes(String customer, int number) {
            return decides(
                    customer,
                    () -> Draft.opening(conversation(customer, number), address(customer), NOW)
                            .dueAt(NOW),
                    draft -> draft.hears("Oi")
                            .says(MessageOwner.BOT, "Um momento")
                            .once(new OnceKey("acme", OnceKey.Kind.INBOUND, customer + number, "")));
        }

        @Operation(params = {"customer", "agent"})
        public @Nullable CommitResult takesOver(String customer, String agent) {
            return decides(customer, () -> null, draft -> draft.taken(new Agent("acme", agent, AgentRole.AGENT, 1)));
        }

        @Operation(params = "customer")
        public @Nullable CommitResult closes(String customer) {
            return decides(customer, () -> null, Draft::closed);
        }

        @Operation
        public int sweeps() {
            return store.sweep(
                            1,
                            snapshot -> Optional.of(Draft.of(snapshot.conversation(), NOW)
                                    .closed()
                                    .done()))
                    .size();
        }

        @Operation(params = "thread")
        public String claimsTurn(int thread) {
            List<BotWork> claimed = store.claimBotTurns(1, LONG);
            if (claimed.isEmpty()) {
                return "none";
            }
            BotWork turn = claimed.get(0);
            turns[thread % THREADS] = turn;
            return turn.conversation().address().customer() + " at version "
                    + turn.conversation().version() + ", claim " + turn.attempt();
        }

        @Operation(params = "thread")
        public @Nullable CommitResult answers(int thread) {
            BotWork turn = turns[thread % THREADS];
            if (turn == null) {
                return null;
            }
            return store.commit(List.of(Draft.of(turn.conversation(), NOW)
                            .says(MessageOwner.BOT, "Claro")
                            .answered()
                            .with(new BotLease.End(turn.token()))
                            .once(OnceKey.turn(turn.conversation().id(), turn.token()))
                            .done()))
                    .get(0);
        }

        @Operation(params = "thread")
        public String getsPermit(int thread) {
            List<OutboundPermit> permitted = store.claimPermits(PermitRequest.upTo(1, LONG));
            if (permitted.isEmpty()) {
                return "none";
            }
            OutboundMessage message = permitted.get(0).message();
            permits[thread % THREADS] = message;
            return message.address().customer() + " " + message.id().seq() + ", attempt " + message.attempt();
        }

        @Operation(params = {"thread", "outcome"})
        public void settles(int thread, String outcome) {
            OutboundMessage message = permits[thread % THREADS];
            if (message == null) {
                return;
            }
            Verdict verdict = switch (outcome) {
                case "sent" -> new Verdict.Sent(providerId(message.address().customer()));
                case "again" -> new Verdict.Again(Duration.ZERO, "429", true);
                case "unknown" -> new Verdict.Unknown("no answer", LONG);
                default -> new Verdict.Dead("21211");
            };
            store.recordResults(List.of(new AttemptResult(message.id(), message.attemptToken(), verdict)));
        }

        @Operation(params = {"customer", "status"})
        public boolean isReported(String customer, String status) {
            return store.recordDelivery(new DeliveryUpdate(
                    "acme", "fake", null, null, providerId(customer), DeliveryStatus.valueOf(status), null));
        }

        @Operation(params = {"customer", "number"})
        public List<String> messages(String customer, int number) {
            return store.messages(conversation(customer, number), 0, 100).stream()
                    .map(message -> message.owner() + " " + message.delivery())
                    .toList();
        }

        @Operation(params = "agent")
        public int load(String agent) {
            return store.agent("acme", agent).map(AgentState::load).orElse(-1);
        }

        @Operation
        public int sequences() {
            return store.sequenceFeed(100);
        }

        @Operation
        public List<FeedEntry> feed() {
            return store.feed("acme", 0, 100);
        }

        /** As the engine does: who was too late decides again. */
        private @Nullable CommitResult decides(
                String customer, Supplier<@Nullable Draft> opening, UnaryOperator<Draft> decision) {
            while (true) {
                Conversation conversation = store.snapshots(List.of(new Lookup.ByAddress(address(customer), null)))
                        .get(0)
                        .conversation();
                Draft draft = conversation == null ? opening.get() : Draft.of(conversation, NOW);
                if (draft == null) {
                    return null;
                }
                CommitResult result =
                        store.commit(List.of(decision.apply(draft).done())).get(0);
                if (!(result instanceof CommitResult.Conflict)) {
                    return result;
                }
            }
        }

        private static ConversationAddress address(String customer) {
            return new ConversationAddress("acme", "fake", "inbox", customer);
        }

        /** The one that this message opens, if it does. */
        private static ConversationId conversation(String customer, int number) {
            return new ConversationId("acme", new UUID(customer.length(), number));
        }

        /** One a customer, so that a report can name a message that another thread has sent. */
        private static String providerId(String customer) {
            return "SM-" + customer;
        }
    }
}
