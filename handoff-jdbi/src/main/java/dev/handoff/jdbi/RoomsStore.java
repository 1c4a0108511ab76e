package dev.handoff.jdbi;

import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentState;
import dev.handoff.model.Availability;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Event;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.store.Backlog;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.Lookup;
import dev.handoff.store.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What a store can do in any transaction, the host's included: read, commit, take reports. */
abstract class RoomsStore implements ConversationStore {

    /** What is deleted without a bound would be one big transaction, which others wait for. */
    private static final int FORGOTTEN_AT_ONCE = 1000;

    abstract Rooms rooms();

    /** One read, on a connection of its own or the host's. */
    <T> T read(Function<Handle, T> work) {
        return rooms().transactions().autocommit(work);
    }

    @Override
    public Instant now() {
        Rooms rooms = rooms();
        return rooms.sql().isPostgres() ? read(rooms.sql()::now) : rooms.sql().processNow();
    }

    @Override
    public List<Snapshot> snapshots(List<Lookup> lookups) {
        return read(handle -> rooms().snapshots().read(handle, lookups));
    }

    @Override
    public List<CommitResult> commit(List<ChangeSet> changes) {
        return rooms().commits().commit(changes);
    }

    @Override
    public CommitResult commitPatiently(ChangeSet change) {
        return rooms().commits().commitPatiently(change);
    }

    @Override
    public void forgetCommandsOlderThan(Duration age) {
        int forgotten = FORGOTTEN_AT_ONCE;
        while (forgotten == FORGOTTEN_AT_ONCE) {
            forgotten = rooms().transactions()
                    .inTransaction(handle -> rooms().onceRows().forgetOlderThan(handle, age, FORGOTTEN_AT_ONCE));
        }
    }

    @Override
    public List<Backlog> backlogs() {
        return rooms().dispatch().backlogs();
    }

    @Override
    public boolean recordDelivery(DeliveryUpdate update) {
        return rooms().deliveryReports().record(update);
    }

    @Override
    public List<Message> deadLetters(String tenant, int limit) {
        return read(handle -> rooms().deadLetters().latest(handle, tenant, limit));
    }

    @Override
    public RetryDecision retryDeadLetter(MessageId id, Actor actor) {
        return rooms().deadLetters().retry(id, actor);
    }

    @Override
    public boolean dropDeadLetter(MessageId id, Actor actor) {
        return rooms().deadLetters().drop(id, actor);
    }

    @Override
    public List<FeedEntry> feed(String tenant, long after, int limit) {
        return read(handle -> rooms().feed().after(handle, tenant, after, limit));
    }

    @Override
    public long feedEnd(String tenant) {
        return read(handle -> rooms().feed().end(handle, tenant));
    }

    @Override
    public Optional<Conversation> conversation(ConversationId id) {
        return read(handle -> rooms().history().conversation(handle, id));
    }

    @Override
    public List<Message> messages(ConversationId id, long after, int limit) {
        return read(handle -> rooms().history().messages(handle, id, after, limit));
    }

    @Override
    public Optional<Message> message(MessageId id) {
        return read(handle -> rooms().history().message(handle, id));
    }

    @Override
    public List<Event> events(ConversationId id, long after, int limit) {
        return read(handle -> rooms().history().events(handle, id, after, limit));
    }

    @Override
    public Page conversations(Query query) {
        return read(handle -> rooms().history().conversations(handle, query));
    }

    @Override
    public List<Conversation> queue(String tenant, @Nullable String queue, int limit) {
        return read(handle -> rooms().history().queue(handle, tenant, queue, limit));
    }

    @Override
    public Optional<AgentState> agent(String tenant, String id) {
        return read(handle -> rooms().roster().find(handle, tenant, id));
    }

    @Override
    public void register(Agent agent) {
        rooms().roster().register(agent);
    }

    @Override
    public void setAvailability(String tenant, String agentId, Availability availability) {
        rooms().roster().setAvailability(tenant, agentId, availability);
    }
}
