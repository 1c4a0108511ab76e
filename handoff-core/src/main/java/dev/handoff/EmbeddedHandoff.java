package dev.handoff;

import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.InboundMessage;
import dev.handoff.internal.Engine;
import dev.handoff.machine.Command;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Guard;
import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.store.Backlog;
import dev.handoff.store.Feed.FeedEntry;
import dev.handoff.store.History;
import dev.handoff.store.HostTransaction;
import dev.handoff.store.Outbox.RetryDecision;
import dev.handoff.store.Roster;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The front door over the engine. */
final class EmbeddedHandoff implements Handoff {
    private static final Duration SETTLED_POLL = Duration.ofMillis(20);

    private final Engine engine;
    private final Commands commands;

    EmbeddedHandoff(Engine engine) {
        this.engine = engine;
        this.commands = new Commands(engine, null);
    }

    @Override
    public ReceiveResult receive(InboundMessage message) {
        return commands.receive(message);
    }

    @Override
    public AgentDesk as(Agent agent) {
        return commands.as(agent);
    }

    @Override
    public HostDesk host() {
        return commands.host();
    }

    @Override
    public HandoffCommands within(HostTransaction transaction) {
        return new Commands(engine, transaction);
    }

    @Override
    public boolean reportDelivery(DeliveryUpdate update) {
        boolean known = engine.store().recordDelivery(update);
        engine.deliveryChanged();
        return known;
    }

    @Override
    public boolean awaitSettled(List<MessageId> inFlight, Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (inFlight.stream().anyMatch(this::isBeingSent)) {
            if (System.nanoTime() - end >= 0) {
                return false;
            }
            Thread.sleep(SETTLED_POLL.toMillis());
        }
        return true;
    }

    private boolean isBeingSent(MessageId id) {
        Optional<Message> message = engine.store().message(id);
        return message.map(Message::delivery)
                .filter(delivery -> delivery == Delivery.DISPATCHING)
                .isPresent();
    }

    @Override
    public History history() {
        return engine.store();
    }

    @Override
    public Roster roster() {
        return engine.store();
    }

    @Override
    public List<FeedEntry> feed(String tenant, long after, int limit) {
        return engine.store().feed(tenant, after, limit);
    }

    @Override
    public long feedEnd(String tenant) {
        return engine.store().feedEnd(tenant);
    }

    @Override
    public AutoCloseable onFeed(Runnable hint) {
        return engine.onFeed(hint);
    }

    @Override
    public List<Backlog> backlogs() {
        return engine.store().backlogs();
    }

    @Override
    public List<Message> deadLetters(String tenant, int limit) {
        return engine.store().deadLetters(tenant, limit);
    }

    @Override
    public RetryDecision retryDeadLetter(MessageId id, Actor actor) {
        RetryDecision decision = engine.store().retryDeadLetter(id, actor);
        engine.deliveryChanged();
        return decision;
    }

    @Override
    public boolean dropDeadLetter(MessageId id, Actor actor) {
        boolean wasDead = engine.store().dropDeadLetter(id, actor);
        engine.deliveryChanged();
        return wasDead;
    }

    @Override
    public void start() {
        engine.start();
    }

    @Override
    public boolean isRunning() {
        return engine.isRunning();
    }

    @Override
    public void close() {
        engine.stop();
    }

    @Override
    public int runBotTurnsOnce() {
        return engine.runBotTurns();
    }

    @Override
    public int dispatchOutboundOnce() {
        return engine.dispatchOutbound();
    }

    @Override
    public int askAboutSilentOnce() {
        return engine.askAboutSilent();
    }

    @Override
    public int resolveUnknownOnce() {
        return engine.resolveUnknown();
    }

    @Override
    public int sweepDeadlinesOnce() {
        return engine.sweepDeadlines();
    }

    @Override
    public int sequenceFeedOnce() {
        return engine.sequenceFeed();
    }

    /** The commands, in the host's transaction or, where that is null, in the library's own. */
    private record Commands(Engine engine, @Nullable HostTransaction within) implements HandoffCommands {
        @Override
        public ReceiveResult receive(InboundMessage message) {
            Engine.Received received = engine.receive(within, message);
            Conversation conversation = received.conversation();
            return conversation != null
                    ? new ReceiveResult.Stored(conversation, received.message())
                    : new ReceiveResult.Duplicate(received.message().conversation(), received.message());
        }

        @Override
        public AgentDesk as(Agent agent) {
            return new GuardedAgentDesk(this::carryOut, within == null ? engine.store() : within.store(), agent);
        }

        @Override
        public HostDesk host() {
            return new GuardedHostDesk(this::carryOut, (address, opening) -> engine.open(within, address, opening));
        }

        private CommandResult carryOut(ConversationId id, Command command, Guard guard) {
            return engine.command(within, id, command, guard);
        }
    }
}
