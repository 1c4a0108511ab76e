package dev.handoff.simulation;

import dev.handoff.bot.Bot;
import dev.handoff.bot.BotReply;
import dev.handoff.bot.BotSettings;
import dev.handoff.bot.BotTurn;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.InboundMessage;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.internal.Engine;
import dev.handoff.internal.SimulatedEngine;
import dev.handoff.machine.Command;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Guard;
import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Direction;
import dev.handoff.model.HandoffRequest;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.policy.DeadlineAction;
import dev.handoff.policy.Deadlines;
import dev.handoff.policy.HandoffPolicies;
import dev.handoff.policy.Notices;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.Feed.FeedEntry;
import dev.handoff.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Two tenants, their customers and agents, a bot, a provider, and some nodes over one store: everything that can happen to
 * a deployment, as choices. One thing may be under way anywhere while the next begins.
 */
final class World {
    private static final Instant START = Instant.parse("2030-01-15T12:00:00Z");
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final List<String> TENANTS = List.of("acme", "zeta");
    static final OutboundSettings OUTBOUND =
            OutboundSettings.defaults().attempts(4, Duration.ofSeconds(1)).pace(20, 5);
    private static final BotSettings BOT =
            BotSettings.defaults().timeLimit(Duration.ofSeconds(20)).attempts(2, Duration.ofMillis(500));

    final Choices choices;
    final Scheduler scheduler;
    final Faults faults;
    final History history;
    final Names names = new Names();
    private final Provider provider;
    private final ConversationStore store;
    private final List<Node> nodes = new ArrayList<>();
    private final List<InboundMessage> written = new ArrayList<>();
    private final Map<UUID, Instant> leases = new HashMap<>();
    private final Map<ConversationId, Conversation> screens = new LinkedHashMap<>();
    private final List<Spoken> spoken = new ArrayList<>();
    private final Map<String, Long> cursors = new HashMap<>();
    private final Deadlines deadlines;
    private final int capacity;
    private Duration clockOff = Duration.ZERO;
    private int lives;

    /** A node that may be up, held or down. */
    private final class Node {
        final int number;
        Life life;
        SimulatedEngine engine;

        Node(int number) {
            this.number = number;
            this.life = new Life(number);
            this.engine = engineOf(life);
        }

        boolean isUp() {
            return !life.over && !life.paused;
        }

        void start() {
            life = new Life(number);
            engine = engineOf(life);
        }
    }

    /** A command that somebody gave, to be given again. */
    private record Spoken(ConversationId id, Command command, Guard guard) {}

    /**
     * What does not change while a world lasts.
     *
     * @param everyOrder see {@link Scheduler}
     */
    record Setting(int nodes, int capacity, DeadlineAction agentSilent, DeadlineAction waiting, boolean everyOrder) {
        static Setting chosen(Choices choices) {
            int capacity = 1 + choices.below(2);
            DeadlineAction agentSilent = DeadlineAction.values()[choices.below(DeadlineAction.values().length)];
            DeadlineAction waiting = choices.oneIn(2) ? DeadlineAction.ESCALATE : DeadlineAction.RELEASE;
            return new Setting(2 + choices.below(2), capacity, agentSilent, waiting, false);
        }
    }

    World(
            Choices choices,
            Scheduler.Threads threads,
            Setting setting,
            Function<InstantSource, ConversationStore> stores) {
        this.choices = choices;
        this.scheduler = new Scheduler(choices, threads, setting.everyOrder());
        this.faults = new Faults(choices);
        this.history = new History(scheduler::nanoTime);
        this.provider = new Provider(this);
        InstantSource clock = () -> START.plusNanos(scheduler.nanoTime()).plus(clockOff);
        this.store = stores.apply(clock);
        this.capacity = setting.capacity();
        this.deadlines = Deadlines.defaults()
                .customerSilent(Duration.ofHours(1))
                .waiting(Duration.ofMinutes(2), setting.waiting())
                .agentSilent(Duration.ofMinutes(3), setting.agentSilent());
        for (int i = 1; i <= setting.nodes(); i++) {
            nodes.add(new Node(i));
        }
    }

    private SimulatedEngine engineOf(Life life) {
        NodeStore seen = new NodeStore(store, this, life);
        Engine.Settings settings = new Engine.Settings(
                seen,
                Map.of(Provider.CHANNEL, provider.channelOf(life)),
                botOf(life),
                HandoffPolicies.firstOf(HandoffPolicies.customerAsksForHuman(), HandoffPolicies.botFailed(2)),
                deadlines,
                Notices.english(),
                List.of(),
                BOT,
                OUTBOUND,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1));
        return new SimulatedEngine(
                settings,
                new SimulatedEngine.Surroundings(
                        scheduler::nanoTime,
                        () -> scheduler.park(0),
                        scheduler::sleep,
                        scheduler::unpark,
                        () -> new CooperativeLock(scheduler),
                        new VirtualThreads(scheduler, life),
                        new VirtualTimer(scheduler, life),
                        new SplittableRandom(++lives)));
    }

    /** The scripted bot: it answers, does not know, hands over, ends, throws, says nothing, or thinks for too long. */
    private Bot botOf(Life life) {
        return turn -> {
            scheduler.pause();
            if (life.over) {
                throw new NodeDied();
            }
            String text = turn.text();
            switch (faults.which(12)) {
                case 1:
                    return BotReply.dontKnow();
                case 2:
                    return BotReply.handOver("the bot wishes so");
                case 3:
                    return new BotReply.End(choices.oneIn(2), "the bot is done", "bye");
                case 4:
                    throw new IllegalStateException("the bot broke");
                case 5:
                    return think(turn, 25, text);
                case 6:
                    return think(turn, 1 + choices.below(15), text);
                case 7:
                    return new BotReply.Say(List.of(Content.text("one " + text), Content.text("two " + text)), 1);
                case 8:
                    return BotReply.silence();
                default:
                    return BotReply.text("echo " + text);
            }
        };
    }

    private BotReply think(BotTurn turn, int seconds, String text) {
        scheduler.sleep(seconds * SECOND);
        if (choices.oneIn(2)) {
            turn.ensureInControl();
        }
        return BotReply.text("thought about " + text);
    }

    /** A customer's message reaches a node. */
    void customerWrites(int node, String customer, String text) {
        int number = written.size() + 1;
        InboundMessage message = new InboundMessage(
                new ConversationAddress(TENANTS.get(0), Provider.CHANNEL, "inbox", customer),
                "in" + number,
                Content.text(text),
                null,
                Map.of());
        written.add(message);
        deliver(nodes.get(node - 1), message);
    }

    /** The provider delivers the customer's last message to a node again. */
    void deliverAgain(int node) {
        deliver(nodes.get(node - 1), written.get(written.size() - 1));
    }

    /** Somebody gives a command on the conversation that was looked at last. */
    void give(int node, Guard guard, Command command) {
        List<Conversation> seen = List.copyOf(screens.values());
        give(nodes.get(node - 1), new Spoken(seen.get(seen.size() - 1).id(), command, guard));
    }

    /** A worker of a node takes one step. */
    void work(int node, Doing worker) {
        Node by = nodes.get(node - 1);
        scheduler.spawn("worker", by.life, () -> {
            try {
                worker.on(by.engine);
            } catch (StoreUnavailableException again) {
                // The loop would try again after its interval.
            }
        });
    }

    /** Everybody comes to the end of what they are at, and some time passes. */
    void settle(Duration time) {
        scheduler.sleep(time.toNanos() + 1);
    }

    /** An agent of the first tenant. */
    Agent agent(String id) {
        return new Agent(TENANTS.get(0), id, AgentRole.AGENT, capacity);
    }

    /** Lets so many things happen, each of which may still be under way when the next begins. */
    void live(int steps) {
        for (int i = 0; i < steps; i++) {
            step();
            scheduler.pause();
        }
    }

    private void step() {
        switch (choices.below(28)) {
            case 0 -> {
                // Nothing: what is under way goes on.
            }
            case 1, 2, 3 -> customerWrites();
            case 4 -> providerDeliversAgain();
            case 5, 6, 7, 8, 9 -> agentActs();
            case 10 -> somebodyRepeatsACommand();
            case 11, 12 -> on("bot", SimulatedEngine::beginBotTurns);
            case 13, 14, 15 -> on("outbound", SimulatedEngine::beginSending);
            case 16 -> on("resolver", SimulatedEngine::resolveUnknown);
            case 17 -> on("sweeper", SimulatedEngine::sweepDeadlines);
            case 18 -> on("feed", SimulatedEngine::sequenceFeed);
            case 19 -> on("bot-lease", SimulatedEngine::renewLeases);
            case 20, 21 -> providerReports();
            case 22, 23 -> passTime();
            case 24 -> trouble();
            case 25 -> readFeed();
            case 26 -> hostActs();
            default -> operatorRetries();
        }
    }

    private @Nullable Node someNode() {
        Node node = nodes.get(choices.below(nodes.size()));
        return node.isUp() ? node : null;
    }

    /** One step of one of a node's workers. */
    interface Doing {
        void on(SimulatedEngine engine);
    }

    private void on(String name, Doing doing) {
        Node node = someNode();
        if (node != null) {
            SimulatedEngine engine = node.engine;
            scheduler.spawn(name, node.life, () -> {
                try {
                    doing.on(engine);
                } catch (StoreUnavailableException again) {
                    // The loop would try again after its interval.
                }
            });
        }
    }

    private ConversationAddress someAddress() {
        String tenant = TENANTS.get(choices.below(4) == 3 ? 1 : 0);
        return new ConversationAddress(tenant, Provider.CHANNEL, "inbox", "customer" + choices.below(2));
    }

    private void customerWrites() {
        int number = written.size() + 1;
        String text = choices.oneIn(4) ? "a human please " + number : "hello " + number;
        InboundMessage message = new InboundMessage(someAddress(), "in" + number, Content.text(text), null, Map.of());
        written.add(message);
        deliver(message);
        if (choices.oneIn(4)) {
            deliver(message);
        }
    }

    private void providerDeliversAgain() {
        if (!written.isEmpty()) {
            deliver(written.get(choices.below(written.size())));
        }
    }

    private void deliver(InboundMessage message) {
        Node node = someNode();
        if (node != null) {
            deliver(node, message);
        }
    }

    private void deliver(Node node, InboundMessage message) {
        scheduler.spawn("webhook", node.life, () -> {
            try {
                Engine.Received received = node.engine.receive(message);
                history.add(new Fact.Acknowledged(node.number, message.providerMessageId()));
                look(received.message().conversation());
            } catch (StoreUnavailableException notStored) {
                // 503: the provider may deliver it again.
            }
        });
    }

    private Agent someAgent(String tenant) {
        return switch (choices.below(3)) {
            case 0 -> new Agent(tenant, "ana", AgentRole.AGENT, capacity);
            case 1 -> new Agent(tenant, "bia", AgentRole.AGENT, capacity);
            default -> new Agent(tenant, "sam", AgentRole.SUPERVISOR, null);
        };
    }

    private @Nullable Conversation someScreen() {
        if (screens.isEmpty()) {
            return null;
        }
        List<Conversation> seen = List.copyOf(screens.values());
        return seen.get(choices.below(seen.size()));
    }

    /** What somebody's screen shows of a conversation, which may be old when they act on it. */
    private void look(ConversationId id) {
        store.conversation(id).ifPresent(now -> screens.put(id, now));
    }

    private void agentActs() {
        Conversation screen = someScreen();
        if (screen == null) {
            return;
        }
        if (choices.oneIn(3)) {
            look(screen.id());
        }
        Agent agent = someAgent(screen.id().tenant());
        Actor.Human actor = agent.asActor();
        Command command = switch (choices.below(12)) {
            case 0, 1, 2 -> new Command.TakeOver(agent);
            case 3, 4 -> new Command.AssignAgent(actor, agent);
            case 5, 6, 7 -> new Command.AgentReplies(actor, Content.text("from a person " + spoken.size()));
            case 8 -> new Command.ReleaseToBot(actor, "done", "all is well");
            case 9 -> new Command.Close(actor, "done");
            case 10 -> new Command.TransferToAgent(actor, someAgent(screen.id().tenant()), "please");
            default -> new Command.TransferToQueue(actor, "second", null);
        };
        say(screen, command);
    }

    private void hostActs() {
        if (choices.oneIn(4)) {
            ConversationAddress address = someAddress();
            on("host", engine -> engine.open(address, Content.text("we write first")));
            return;
        }
        Conversation screen = someScreen();
        if (screen != null) {
            Command command = choices.oneIn(3)
                    ? new Command.End(new Actor.Host(), choices.oneIn(2), "the host ends it")
                    : new Command.RequestHandoff(new Actor.Host(), HandoffRequest.because("the host asks"));
            say(screen, command);
        }
    }

    private void say(Conversation screen, Command command) {
        Guard guard = choices.oneIn(2) ? Guard.epoch(screen.epoch()) : Guard.NONE;
        if (choices.oneIn(2)) {
            guard = guard.commandId("command" + spoken.size());
        }
        Spoken words = new Spoken(screen.id(), command, guard);
        spoken.add(words);
        give(words);
    }

    private void somebodyRepeatsACommand() {
        if (!spoken.isEmpty()) {
            Spoken words = spoken.get(choices.below(spoken.size()));
            if (words.guard().commandId() != null) {
                give(words);
            }
        }
    }

    private void give(Spoken words) {
        Node node = someNode();
        if (node != null) {
            give(node, words);
        }
    }

    private void give(Node node, Spoken words) {
        scheduler.spawn("command", node.life, () -> {
            try {
                CommandResult result = node.engine.command(words.id(), words.command(), words.guard());
                history.add(new Fact.Answered(node.number, words.id(), words.command(), words.guard(), result));
                look(words.id());
            } catch (StoreUnavailableException unknown) {
                // The caller knows nothing; they may repeat it under its id.
            }
        });
    }

    private void operatorRetries() {
        String tenant = TENANTS.get(choices.below(2));
        List<Message> dead = store.deadLetters(tenant, 10);
        if (!dead.isEmpty()) {
            MessageId id = dead.get(choices.below(dead.size())).id();
            Node node = someNode();
            if (node != null) {
                NodeStore seen = new NodeStore(store, this, node.life);
                scheduler.spawn("operator", node.life, () -> {
                    try {
                        seen.retryDeadLetter(id, new Actor.Host());
                    } catch (StoreUnavailableException unknown) {
                        // They look again.
                    }
                });
            }
        }
    }

    private void providerReports() {
        List<DeliveryUpdate> reports = provider.reports();
        if (reports.isEmpty()) {
            return;
        }
        DeliveryUpdate report = reports.get(choices.below(reports.size()));
        if (!choices.oneIn(4)) {
            reports.remove(report);
        }
        Node node = someNode();
        if (node != null) {
            NodeStore seen = new NodeStore(store, this, node.life);
            scheduler.spawn("callback", node.life, () -> {
                try {
                    seen.recordDelivery(report);
                } catch (StoreUnavailableException lost) {
                    // The provider does not call again: the report is lost.
                }
            });
        }
    }

    private void passTime() {
        long seconds = switch (choices.below(5)) {
            case 0 -> 0;
            case 1 -> 1 + choices.below(5);
            case 2 -> 10 + choices.below(20);
            case 3 -> 60 + choices.below(200);
            default -> 4000;
        };
        if (seconds > 0) {
            history.add(new Fact.Happened(seconds + " s pass"));
        }
        scheduler.sleep(seconds * SECOND + 1_000_000);
    }

    private void trouble() {
        Node node = nodes.get(choices.below(nodes.size()));
        switch (choices.below(4)) {
            case 1 -> {
                if (node.life.over) {
                    history.add(new Fact.Happened("node " + node.number + " starts"));
                    node.start();
                } else {
                    die(node.life, "is killed");
                }
            }
            case 2 -> {
                if (node.life.paused) {
                    history.add(new Fact.Happened(node.life + " goes on"));
                    scheduler.goOn(node.life);
                } else if (!node.life.over) {
                    history.add(new Fact.Happened(node.life + " is held"));
                    scheduler.hold(node.life);
                }
            }
            case 3 -> {
                leases.values().removeIf(until -> !store.now().isBefore(until));
                clockOff = clockOff.plusSeconds(choices.below(41) - 20L);
                history.add(new Fact.Happened("the database's clock is off by " + clockOff));
            }
            default -> passTime();
        }
    }

    /** Ends a node's life; when it is the caller's own, the caller ends with it. */
    void die(Life life, String how) {
        history.add(new Fact.Happened(life + " " + how));
        scheduler.kill(life);
    }

    private void readFeed() {
        int reader = choices.below(2);
        for (String tenant : TENANTS) {
            readFeed(reader, tenant, 1 + choices.below(20));
        }
    }

    private int readFeed(int reader, String tenant, int limit) {
        long after = cursors.getOrDefault(reader + tenant, 0L);
        List<FeedEntry> page = store.feed(tenant, after, limit);
        if (!page.isEmpty()) {
            cursors.put(reader + tenant, page.get(page.size() - 1).cursor());
            history.add(new Fact.FeedRead(reader, tenant, after, page));
        }
        return page.size();
    }

    Instant now() {
        return store.now();
    }

    void permitted(Life life, OutboundMessage message, Duration lease) {
        leases.put(message.attemptToken(), store.now().plus(lease));
        history.add(new Fact.Permitted(life.node, message));
    }

    /** Whether an attempt's lease was over at any time since: its node was held, or the database's clock has jumped. */
    boolean isLate(OutboundMessage message) {
        Instant until = leases.get(message.attemptToken());
        return until == null || !store.now().isBefore(until);
    }

    /** The bot's messages that a sweep's change of control found with a permit. */
    List<MessageId> inFlightOf(ConversationId id) {
        return store.messages(id, 0, 1000).stream()
                .filter(message -> message.delivery() == Delivery.DISPATCHING || message.delivery() == Delivery.UNKNOWN)
                .map(Message::id)
                .toList();
    }

    /**
     * Nothing fails any more, and everybody works until nothing is left to do: what is still waiting then would wait for
     * ever.
     */
    void heal() {
        history.add(new Fact.Happened("the world heals"));
        faults.end();
        for (Node node : nodes) {
            if (node.life.paused) {
                scheduler.goOn(node.life);
            }
            if (node.life.over) {
                node.start();
            }
        }
        scheduler.sleep(60 * SECOND);
        long[] waits = {1, 5, 20, 60, 60, 300, 300, 300, 3700, 3700, 3700, 3700, 3700};
        for (int round = 0; round < 200 && (isBusy() || round < waits.length); round++) {
            work();
            scheduler.sleep((round < waits.length ? waits[round] : 60) * SECOND);
        }
        work();
        for (int reader = 0; reader < 2; reader++) {
            for (String tenant : TENANTS) {
                while (readFeed(reader, tenant, 100) > 0) {
                    // Until there is no more.
                }
            }
        }
        for (Conversation conversation : everyConversation()) {
            history.add(new Fact.Ended(
                    conversation,
                    store.messages(conversation.id(), 0, 10_000),
                    store.events(conversation.id(), 0, 10_000)));
        }
        scheduler.end();
    }

    private void work() {
        for (Node node : nodes) {
            List.<Doing>of(
                            SimulatedEngine::sweepDeadlines,
                            SimulatedEngine::resolveUnknown,
                            SimulatedEngine::beginBotTurns,
                            SimulatedEngine::beginSending,
                            SimulatedEngine::sequenceFeed)
                    .forEach(doing -> scheduler.spawn("healing", node.life, () -> doing.on(node.engine)));
        }
        scheduler.sleep(SECOND / 10);
        nodes.get(0).engine.sequenceFeed();
    }

    private boolean isBusy() {
        return everyConversation().stream()
                .anyMatch(conversation -> conversation.status().isOpen()
                        || store.messages(conversation.id(), 0, 10_000).stream()
                                .anyMatch(message -> message.direction() == Direction.OUTBOUND
                                        && (message.delivery() == Delivery.QUEUED
                                                || message.delivery() == Delivery.DISPATCHING
                                                || message.delivery() == Delivery.UNKNOWN)));
    }

    private List<Conversation> everyConversation() {
        List<Conversation> all = new ArrayList<>();
        for (String tenant : TENANTS) {
            all.addAll(store.conversations(new ConversationStore.Query(tenant, null, null, null, null, 1000, null))
                    .items());
        }
        return all;
    }
}
