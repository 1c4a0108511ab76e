package dev.handoff.simulation;

import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.SilentMessage;
import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentState;
import dev.handoff.model.Availability;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Event;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.Backlog;
import dev.handoff.store.BotWork;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.Lookup;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.PermitRequest;
import dev.handoff.store.SenderContact;
import dev.handoff.store.Snapshot;
import dev.handoff.store.StoreUnavailableException;
import dev.handoff.store.UnresolvedAttempt;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The store as one node sees it: another may be faster before each call, the database may not be reached, its answer may be
 * lost, and the node may die before it hears it. What the store has done is recorded in the order in which it did it.
 */
final class NodeStore implements ConversationStore {
    private final ConversationStore store;
    private final World world;
    private final Life life;

    NodeStore(ConversationStore store, World world, Life life) {
        this.store = store;
        this.world = world;
        this.life = life;
    }

    private <R> R write(Supplier<R> call) {
        reach();
        R result = call.get();
        if (world.faults.strike(60)) {
            if (world.choices.oneIn(2)) {
                world.die(life, "dies before it hears the database's answer");
            }
            throw new StoreUnavailableException("the answer was lost", new IllegalStateException());
        }
        return result;
    }

    private <R> R read(Supplier<R> call) {
        reach();
        return call.get();
    }

    private void reach() {
        world.scheduler.pause();
        refuseTheDead();
        if (world.faults.strike(80)) {
            throw new StoreUnavailableException("the database was not reached", new IllegalStateException());
        }
    }

    private void refuseTheDead() {
        if (life.over) {
            throw new NodeDied();
        }
    }

    @Override
    public void verify() {
        store.verify();
    }

    @Override
    public Instant now() {
        refuseTheDead();
        return store.now();
    }

    @Override
    public List<Snapshot> snapshots(List<Lookup> lookups) {
        return read(() -> store.snapshots(lookups));
    }

    @Override
    public List<CommitResult> commit(List<ChangeSet> changes) {
        return write(() -> {
            if (changes.size() > 1) {
                world.history.add(new Fact.Submitted(life.node, changes));
            }
            List<List<Message>> before = changes.stream().map(this::messages).toList();
            List<CommitResult> results = store.commit(changes);
            for (int i = 0; i < changes.size(); i++) {
                answered(changes.get(i), results.get(i), before.get(i));
            }
            return results;
        });
    }

    @Override
    public CommitResult commitPatiently(ChangeSet change) {
        return write(() -> {
            List<Message> before = messages(change);
            CommitResult result = store.commitPatiently(change);
            answered(change, result, before);
            return result;
        });
    }

    /** What a change of control may silence. */
    private List<Message> messages(ChangeSet change) {
        return change.controlChanged() ? store.messages(change.next().id(), 0, 1000) : List.of();
    }

    private void answered(ChangeSet change, CommitResult result, List<Message> before) {
        if (result instanceof CommitResult.Committed done) {
            world.history.add(new Fact.Committed(life.node, change, done.inFlight()));
        } else if (change.controlChanged()) {
            world.history.add(new Fact.TurnedDown(life.node, change, before, messages(change)));
        }
    }

    @Override
    public List<ChangeSet> sweep(int limit, Function<Snapshot, Optional<ChangeSet>> decide) {
        return write(() -> {
            List<ChangeSet> swept = store.sweep(limit, decide);
            swept.forEach(change -> world.history.add(new Fact.Committed(
                    life.node, change, world.inFlightOf(change.next().id()))));
            return swept;
        });
    }

    @Override
    public List<BotWork> claimBotTurns(int limit, Duration lease) {
        return write(() -> store.claimBotTurns(limit, lease));
    }

    @Override
    public void renewBotTurns(Collection<BotWork> turns, Duration lease) {
        write(() -> {
            store.renewBotTurns(turns, lease);
            return true;
        });
    }

    @Override
    public List<OutboundPermit> claimPermits(PermitRequest request) {
        return write(() -> {
            List<OutboundPermit> permits = store.claimPermits(request);
            permits.forEach(permit -> world.permitted(life, permit.message(), request.lease()));
            return permits;
        });
    }

    @Override
    public void recordResults(List<AttemptResult> results) {
        write(() -> {
            store.recordResults(results);
            Instant at = store.now();
            results.forEach(result -> world.history.add(new Fact.Recorded(life.node, result, at)));
            return true;
        });
    }

    @Override
    public List<Backlog> backlogs() {
        return read(() -> store.backlogs());
    }

    @Override
    public void recordContacts(List<SenderContact> contacts) {
        write(() -> {
            store.recordContacts(contacts);
            return true;
        });
    }

    @Override
    public int expireLeases(int limit) {
        return write(() -> store.expireLeases(limit));
    }

    @Override
    public List<UnresolvedAttempt> claimUnresolved(int limit, Duration lease) {
        return write(() -> store.claimUnresolved(limit, lease));
    }

    @Override
    public List<SilentMessage> claimSilent(int limit, Duration silence) {
        return write(() -> store.claimSilent(limit, silence));
    }

    @Override
    public boolean recordDelivery(DeliveryUpdate update) {
        return write(() -> {
            boolean known = store.recordDelivery(update);
            world.history.add(new Fact.Reported(life.node, update));
            return known;
        });
    }

    @Override
    public List<Message> deadLetters(String tenant, int limit) {
        return read(() -> store.deadLetters(tenant, limit));
    }

    @Override
    public RetryDecision retryDeadLetter(MessageId id, Actor actor) {
        return write(() -> {
            RetryDecision decision = store.retryDeadLetter(id, actor);
            world.history.add(new Fact.Retried(life.node, id, decision));
            return decision;
        });
    }

    @Override
    public boolean dropDeadLetter(MessageId id, Actor actor) {
        return write(() -> store.dropDeadLetter(id, actor));
    }

    @Override
    public int sequenceFeed(int limit) {
        return write(() -> store.sequenceFeed(limit));
    }

    @Override
    public List<FeedEntry> feed(String tenant, long after, int limit) {
        return read(() -> store.feed(tenant, after, limit));
    }

    @Override
    public long feedEnd(String tenant) {
        return read(() -> store.feedEnd(tenant));
    }

    @Override
    public Optional<Conversation> conversation(ConversationId id) {
        return read(() -> store.conversation(id));
    }

    @Override
    public List<Message> messages(ConversationId id, long after, int limit) {
        return read(() -> store.messages(id, after, limit));
    }

    @Override
    public Optional<Message> message(MessageId id) {
        return read(() -> store.message(id));
    }

    @Override
    public List<Event> events(ConversationId id, long after, int limit) {
        return read(() -> store.events(id, after, limit));
    }

    @Override
    public Page conversations(Query query) {
        return read(() -> store.conversations(query));
    }

    @Override
    public List<Conversation> queue(String tenant, @Nullable String queue, int limit) {
        return read(() -> store.queue(tenant, queue, limit));
    }

    @Override
    public Optional<AgentState> agent(String tenant, String id) {
        return read(() -> store.agent(tenant, id));
    }

    @Override
    public void register(Agent agent) {
        write(() -> {
            store.register(agent);
            return true;
        });
    }

    @Override
    public void setAvailability(String tenant, String agentId, Availability availability) {
        write(() -> {
            store.setAvailability(tenant, agentId, availability);
            return true;
        });
    }

    @Override
    public void forgetCommandsOlderThan(Duration age) {
        write(() -> {
            store.forgetCommandsOlderThan(age);
            return true;
        });
    }
}
