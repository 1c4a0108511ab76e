package dev.handoff.internal;

import dev.handoff.bot.Bot;
import dev.handoff.channel.Channel;
import dev.handoff.machine.Command;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.ConversationStateMachine;
import dev.handoff.machine.Guard;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.notify.Notifier;
import dev.handoff.policy.Deadlines;
import dev.handoff.policy.HandoffPolicy;
import dev.handoff.policy.Notices;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.HostTransaction;
import dev.handoff.store.Snapshot;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires receive → decide → commit → effects together, and runs the workers. Thread-safe. */
public final class Engine {
    private static final Logger log = LoggerFactory.getLogger(Engine.class);
    private static final int FEED_BATCH = 500;
    private static final Duration COMMANDS_REMEMBERED = Duration.ofHours(24);
    private static final Duration HOUSEKEEPING = Duration.ofHours(1);
    private static final int RENEWALS_IN_A_LEASE = 3;

    private final ConversationStore store;
    private final Map<String, Channel> channels;
    private final CommandRunner runner;
    private final Receiver receiver;
    private final BotTurns botTurns;
    private final Sender sender;
    private final Resolver resolver;
    private final Sweeper sweeper;
    private final Workers workers;
    private final List<Runnable> feedHints = new CopyOnWriteArrayList<>();

    /** All that the host has set. */
    public record Settings(
            ConversationStore store,
            Map<String, Channel> channels,
            Bot bot,
            HandoffPolicy policy,
            Deadlines deadlines,
            Notices notices,
            List<Notifier> notifiers,
            BotSide botSide,
            OutboundSide outbound,
            Duration sweepInterval,
            Duration pollInterval) {}

    /** How the bot is called. */
    public record BotSide(
            Duration timeLimit,
            int maxAttempts,
            Duration retryDelay,
            int concurrency,
            int historyLimit,
            Duration lease) {}

    /** How messages are sent. */
    public record OutboundSide(
            int maxAttempts,
            Duration retryBase,
            Duration retryCap,
            Duration timeBudget,
            Duration unknownWait,
            double senderRate,
            double recipientRate,
            int concurrency,
            Duration permitFor,
            Duration lease) {}

    /** An engine that has started nothing. */
    public Engine(Settings settings) {
        RandomGenerator random = new SecureRandom();
        this.store = settings.store();
        this.channels = settings.channels();
        this.workers = new Workers();
        ConversationStateMachine machine = new ConversationStateMachine(
                new GuardedPolicy(settings.policy()), settings.deadlines(), settings.notices());
        AfterCommit afterCommit = new AfterCommit(
                settings.notifiers(),
                () -> workers.wake("bot"),
                () -> workers.wake("outbound"),
                () -> workers.wake("feed"));
        this.runner = CommandRunner.grouping(store, machine, afterCommit, new Ids(random));
        this.receiver = new Receiver(runner, channels.keySet());
        this.sweeper = new Sweeper(runner, afterCommit);
        BotSide bot = settings.botSide();
        this.botTurns = new BotTurns(
                runner,
                settings.bot(),
                channels,
                new BotTurns.BotLimits(
                        bot.timeLimit(),
                        bot.maxAttempts(),
                        bot.retryDelay(),
                        bot.concurrency(),
                        bot.historyLimit(),
                        bot.lease()),
                workers::threads,
                workers::timer);
        OutboundSide out = settings.outbound();
        this.sender = new Sender(
                store,
                channels,
                new Sender.SendLimits(
                        out.maxAttempts(),
                        out.timeBudget(),
                        out.unknownWait(),
                        out.concurrency(),
                        out.permitFor(),
                        out.lease()),
                new Backoff(out.retryBase(), out.retryCap(), random),
                new Pace(out.senderRate(), out.recipientRate()),
                System::nanoTime,
                workers::threads,
                () -> workers.wake("feed"));
        this.resolver =
                new Resolver(store, channels, out.unknownWait(), out.lease(), out.timeBudget(), out.maxAttempts());
        addLoops(settings.pollInterval(), settings.sweepInterval(), bot.lease());
    }

    private void addLoops(Duration poll, Duration sweep, Duration botLease) {
        // Stopped in this order: what brings new work ends first, and the feed last.
        workers.add("sweeper", sweep, () -> sweeper.sweep() > 0);
        workers.add(
                "bot", poll, () -> !botTurns.begin(() -> workers.wake("bot")).isEmpty());
        workers.add(
                "outbound",
                poll,
                () -> !sender.begin(() -> workers.wake("outbound")).isEmpty());
        workers.add("resolver", poll, () -> {
            int touched = resolver.resolve();
            if (touched > 0) {
                workers.wake("outbound");
                workers.wake("feed");
            }
            return touched > 0;
        });
        workers.add("bot-lease", botLease.dividedBy(RENEWALS_IN_A_LEASE), () -> {
            botTurns.renewLeases();
            return false;
        });
        workers.add("housekeeping", HOUSEKEEPING, () -> {
            store.forgetCommandsOlderThan(COMMANDS_REMEMBERED);
            return false;
        });
        workers.add("feed", poll, () -> sequenceFeed() >= FEED_BATCH);
    }

    /** The store. */
    public ConversationStore store() {
        return store;
    }

    /** What comes in by an address. */
    public Receiver receiver() {
        return receiver;
    }

    /** The same inside the host's transaction. */
    public Receiver receiver(HostTransaction transaction) {
        return new Receiver(runner.within(transaction), channels.keySet());
    }

    /** Carries out a command. */
    public CommandResult command(ConversationId id, Command command, Guard guard) {
        return command(runner, id, command, guard);
    }

    /** The same inside the host's transaction. */
    public CommandResult command(HostTransaction transaction, ConversationId id, Command command, Guard guard) {
        return command(runner.within(transaction), id, command, guard);
    }

    private CommandResult command(CommandRunner by, ConversationId id, Command command, Guard guard) {
        CommandRunner.ContentCheck check = command instanceof Command.AgentReplies reply
                ? (conversation, snapshot) -> refuse(reply, conversation, snapshot)
                : CommandRunner.ContentCheck.NONE;
        return by.command(id, command, guard, check);
    }

    private Optional<String> refuse(Command.AgentReplies reply, Conversation conversation, Snapshot snapshot) {
        Channel channel = channels.get(conversation.address().channel());
        return channel == null
                ? Optional.of("no channel is named '" + conversation.address().channel() + "' in this process")
                : channel.refuses(
                        conversation.address(), reply.content(), conversation.lastInboundAt(), snapshot.now());
    }

    /** Told whenever this process has moved events into the feed. */
    public AutoCloseable onFeed(Runnable hint) {
        feedHints.add(hint);
        return () -> feedHints.remove(hint);
    }

    /** Says that something may have been committed which workers should look at. */
    public void wakeAll() {
        workers.wake("outbound");
        workers.wake("feed");
    }

    /** Verifies the store and runs the workers. */
    public void start() {
        store.verify();
        workers.start();
    }

    /** Whether the workers run. */
    public boolean isRunning() {
        return workers.areRunning();
    }

    /** Stops the workers, and lets the feed carry what they did last. */
    public void stop() {
        boolean ran = workers.areRunning();
        workers.stop();
        if (ran) {
            try {
                int moved = FEED_BATCH;
                while (moved >= FEED_BATCH) {
                    moved = sequenceFeed();
                }
            } catch (RuntimeException leftForLater) {
                log.warn("the last events are not in the feed yet; the next sequencer takes them there", leftForLater);
            }
        }
    }

    /** Claims turns and waits until each is answered. */
    public int runBotTurns() {
        return awaitAll(botTurns.begin(() -> {}));
    }

    /** Sends what may be sent and waits for the results. */
    public int dispatchOutbound() {
        return awaitAll(sender.begin(() -> {}));
    }

    /** Looks up what is unknown. */
    public int resolveUnknown() {
        return resolver.resolve();
    }

    /** Acts on deadlines that have passed. */
    public int sweepDeadlines() {
        return sweeper.sweep();
    }

    /** Moves committed events into the feed. */
    public int sequenceFeed() {
        int moved = store.sequenceFeed(FEED_BATCH);
        if (moved > 0) {
            for (Runnable hint : feedHints) {
                try {
                    hint.run();
                } catch (RuntimeException bestEffort) {
                    log.warn("a feed hint failed", bestEffort);
                }
            }
        }
        return moved;
    }

    private static int awaitAll(List<CountDownLatch> begun) {
        try {
            for (CountDownLatch ended : begun) {
                ended.await();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        return begun.size();
    }
}
