package dev.handoff.internal;

import dev.handoff.bot.Bot;
import dev.handoff.bot.BotSettings;
import dev.handoff.channel.Channel;
import dev.handoff.channel.InboundMessage;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.machine.Command;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.ConversationStateMachine;
import dev.handoff.machine.Guard;
import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Message;
import dev.handoff.policy.Deadlines;
import dev.handoff.policy.HandoffPolicies;
import dev.handoff.policy.HandoffPolicy;
import dev.handoff.policy.Notices;
import dev.handoff.store.ConversationStore;
import dev.handoff.testing.FakeChannel;
import dev.handoff.testing.ManualTime;
import dev.handoff.testing.RecordingNotifier;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** The engine's parts on a store in memory, on a clock that stands still. Another {@code BotTurns} is another node. */
final class Rig implements AutoCloseable {
    static final Agent ANA = new Agent("acme", "ana", AgentRole.AGENT, 2);
    static final BotSettings SETTINGS = BotSettings.defaults();

    final ManualTime time = new ManualTime();
    final InMemoryConversationStore memory = new InMemoryConversationStore(time);
    final FakeChannel channel = new FakeChannel("fake");
    final RecordingNotifier notifier = new RecordingNotifier();
    final ExecutorService threads = Executors.newCachedThreadPool();
    final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    final ConversationStore store;
    final CommandRunner runner;
    final Receiver receiver;
    private final AtomicLong provided = new AtomicLong();

    Rig() {
        this(HandoffPolicies.never(), (method, arguments, real) -> real.answer(arguments));
    }

    Rig(TroubledStore.Trouble trouble) {
        this(HandoffPolicies.never(), trouble);
    }

    Rig(HandoffPolicy policy, TroubledStore.Trouble trouble) {
        store = TroubledStore.around(memory, trouble);
        runner = CommandRunner.grouping(
                store,
                new ConversationStateMachine(
                        new GuardedPolicy(policy),
                        Deadlines.defaults(),
                        Notices.english(),
                        name -> FakeChannel.MAX_TEXT_LENGTH,
                        channel::sessionWindow),
                new AfterCommit(List.of(notifier), () -> {}, () -> {}, () -> {}),
                Waiting.IN_A_PROCESS,
                new Ids(new Random(1)));
        receiver = new Receiver(runner, channels());
    }

    Map<String, Channel> channels() {
        return Map.of("fake", channel);
    }

    BotTurns node(Bot bot, BotSettings settings) {
        return new BotTurns(runner, bot, settings, () -> threads, () -> timer);
    }

    BotTurns node(Bot bot) {
        return node(bot, SETTINGS);
    }

    /** Waits as a process does, by a clock of the test's. */
    private static Waiting onClock(LongSupplier nanoTime, LongConsumer parkNanos) {
        return new Waiting() {
            @Override
            public long nanoTime() {
                return nanoTime.getAsLong();
            }

            @Override
            public void park(Object blocker) {
                IN_A_PROCESS.park(blocker);
            }

            @Override
            public void parkNanos(Object blocker, long nanos) {
                parkNanos.accept(nanos);
            }

            @Override
            public void unpark(Thread thread) {
                IN_A_PROCESS.unpark(thread);
            }

            @Override
            public Lock lock() {
                return IN_A_PROCESS.lock();
            }
        };
    }

    /** Where time passes only while somebody waits: a pause of this machine uses no permit up. */
    static Waiting onItsOwnClock() {
        AtomicLong now = new AtomicLong();
        return onClock(now::get, now::addAndGet);
    }

    Sender sender(OutboundSettings settings) {
        return sender(settings, onItsOwnClock());
    }

    Sender sender(OutboundSettings settings, LongSupplier nanoTime) {
        return sender(settings, onClock(nanoTime, LockSupport::parkNanos));
    }

    private Sender sender(OutboundSettings settings, Waiting waiting) {
        return new Sender(
                store,
                channels(),
                settings,
                new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5), new Random(1)),
                waiting,
                () -> threads,
                () -> {});
    }

    InboundMessage from(String customer, String text) {
        return new InboundMessage(
                new ConversationAddress("acme", "fake", "inbox", customer),
                "in-" + provided.incrementAndGet(),
                Content.text(text),
                null,
                Map.of());
    }

    ConversationId hears(String customer, String text) {
        return receiver.receive(from(customer, text)).message().conversation();
    }

    CommandResult.Done does(ConversationId id, Command command) {
        return runner.command(id, command, Guard.NONE, CommandRunner.ContentCheck.NONE)
                .orThrow();
    }

    Conversation conversation(ConversationId id) {
        return memory.conversation(id).orElseThrow();
    }

    List<Message> messages(ConversationId id) {
        return memory.messages(id, 0, 1000);
    }

    @Override
    public void close() {
        threads.shutdownNow();
        timer.shutdownNow();
    }
}
