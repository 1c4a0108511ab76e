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
import dev.handoff.machine.OpenResult;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.MessageId;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wires receive → decide → commit → effects together, and runs the workers. Thread-safe. The one public type of its
 * package, for the front door; a {@code within} is the host's transaction, null for the library's own.
 */
public final class Engine {
    private static final Logger log = LoggerFactory.getLogger(Engine.class);
    private static final int FEED_BATCH = 500;
    private static final Duration COMMANDS_REMEMBERED = Duration.ofHours(24);
    private static final Duration HOUSEKEEPING = Duration.ofHours(1);
    private static final Duration BACKLOG_LOOK = Duration.ofMinutes(1);
    private static final int RENEWALS_IN_A_LEASE = 3;

    private final ConversationStore store;
    private final Map<String, Channel> channels;
    private final CommandRunner runner;
    private final BotTurns botTurns;
    private final Sender sender;
    private final Resolver resolver;
    private final SilenceBreaker silenceBreaker;
    private final BacklogWatch backlogWatch;
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
            BotSettings botSettings,
            OutboundSettings outbound,
            Duration sweepInterval,
            Duration pollInterval) {}

    /** An engine that has started nothing. */
    public Engine(Settings settings) {
        this(settings, new Workers(), Waiting.IN_A_PROCESS, new SecureRandom());
    }

    /** An engine in surroundings of the caller's; chance must be thread-safe where the surroundings have many threads. */
    Engine(Settings settings, Workers workers, Waiting waiting, RandomGenerator random) {
        this.store = settings.store();
        this.channels = settings.channels();
        this.workers = workers;
        ConversationStateMachine machine = new ConversationStateMachine(
                new GuardedPolicy(settings.policy()),
                settings.deadlines(),
                settings.notices(),
                this::longestText,
                this::sessionWindow);
        AfterCommit afterCommit = new AfterCommit(
                settings.notifiers(),
                () -> workers.wake("bot"),
                () -> workers.wake("outbound"),
                () -> workers.wake("feed"));
        this.runner = CommandRunner.grouping(store, machine, afterCommit, waiting, new Ids(random));
        this.sweeper = new Sweeper(runner, afterCommit);
        this.botTurns = new BotTurns(runner, settings.bot(), settings.botSettings(), workers::threads, workers::timer);
        OutboundSettings outbound = settings.outbound();
        this.sender = new Sender(
                store,
                channels,
                outbound,
                new Backoff(outbound.retryBase(), outbound.retryCap(), random),
                waiting,
                workers::threads,
                () -> workers.wake("feed"));
        this.resolver = new Resolver(store, channels, outbound);
        this.silenceBreaker = new SilenceBreaker(store, channels);
        this.backlogWatch = new BacklogWatch(store, outbound);
        addLoops(
                settings.pollInterval(),
                settings.sweepInterval(),
                settings.botSettings().lease());
    }

    private void addLoops(Duration poll, Duration sweep, Duration botLease) {
        // Stopped in this order: what brings new work ends first, and the feed last.
        workers.add("sweeper", sweep, () -> sweeper.sweep() > 0);
        workers.add("bot", poll, () -> !beginBotTurns().isEmpty());
        workers.add("outbound", poll, () -> !beginSending().isEmpty());
        workers.add("resolver", poll, () -> {
            int touched = resolver.resolve();
            if (touched > 0) {
                workers.wake("outbound");
                workers.wake("feed");
            }
            return touched > 0;
        });
        workers.add("bot-lease", botLease.dividedBy(RENEWALS_IN_A_LEASE), () -> {
            renewBotTurns();
            return false;
        });
        workers.add("housekeeping", HOUSEKEEPING, () -> {
            store.forgetCommandsOlderThan(COMMANDS_REMEMBERED);
            return false;
        });
        workers.add("backlog", BACKLOG_LOOK, () -> {
            backlogWatch.look();
            return false;
        });
        workers.add("silence", HOUSEKEEPING, () -> askAboutSilent() > 0);
        workers.add("feed", poll, () -> sequenceFeed() >= FEED_BATCH);
    }

    /** The store. */
    public ConversationStore store() {
        return store;
    }

    /**
     * What became of an inbound message.
     *
     * @param conversation the conversation after the commit; null for a duplicate
     */
    public record Received(@Nullable Conversation conversation, MessageId message) {}

    /** Stores a message, in the open conversation at its address or in a new one. */
    public Received receive(@Nullable HostTransaction within, InboundMessage message) {
        return receiver(within).receive(message);
    }

    /** Opens a conversation at an address, unless one is open. */
    public OpenResult open(@Nullable HostTransaction within, ConversationAddress address, @Nullable Content opening) {
        return receiver(within).open(address, opening);
    }

    /** Carries out a command. */
    public CommandResult command(@Nullable HostTransaction within, ConversationId id, Command command, Guard guard) {
        CommandRunner.ContentCheck check = command instanceof Command.AgentReplies reply
                ? (conversation, snapshot) -> refuse(reply, conversation, snapshot)
                : CommandRunner.ContentCheck.NONE;
        return runner(within).command(id, command, guard, check);
    }

    private Receiver receiver(@Nullable HostTransaction within) {
        return new Receiver(runner(within), channels);
    }

    private CommandRunner runner(@Nullable HostTransaction within) {
        return within == null ? runner : runner.within(within);
    }

    private Optional<String> refuse(Command.AgentReplies reply, Conversation conversation, Snapshot snapshot) {
        Channel channel = channels.get(conversation.address().channel());
        return channel == null
                ? Optional.of("no channel is named '" + conversation.address().channel() + "' in this process")
                : channel.refuses(
                        conversation.address(), reply.content(), conversation.lastInboundAt(), snapshot.now());
    }

    private Optional<Duration> sessionWindow(ConversationAddress address) {
        Channel channel = channels.get(address.channel());
        return channel == null ? Optional.empty() : channel.sessionWindow(address);
    }

    /** A channel that this process does not have is another's to ask; so is what is said in it. */
    private int longestText(String channel) {
        Channel known = channels.get(channel);
        return known == null ? Integer.MAX_VALUE : known.maxTextLength();
    }

    /** Told whenever this process has moved events into the feed. */
    public AutoCloseable onFeed(Runnable hint) {
        feedHints.add(hint);
        return () -> feedHints.remove(hint);
    }

    /** Says that a message's delivery has changed: it may be sent again, or no longer be in the way of the next one. */
    public void deliveryChanged() {
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
        return awaitAll(beginBotTurns());
    }

    /** Claims turns and does not wait. */
    List<CountDownLatch> beginBotTurns() {
        return botTurns.begin(() -> workers.wake("bot"));
    }

    /** Keeps the claims of turns that still run. */
    void renewBotTurns() {
        botTurns.renewLeases();
    }

    /** Sends what may be sent and waits for the results. */
    public int dispatchOutbound() {
        return awaitAll(beginSending());
    }

    /** Gets permits, begins to send, and does not wait. */
    List<CountDownLatch> beginSending() {
        return sender.begin(() -> workers.wake("outbound"));
    }

    /** Looks up what is unknown. */
    public int resolveUnknown() {
        return resolver.resolve();
    }

    /** Asks about messages of which nothing has been reported for long. */
    public int askAboutSilent() {
        int asked = silenceBreaker.ask();
        if (asked > 0) {
            workers.wake("feed");
        }
        return asked;
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
