package dev.handoff.memory;

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
import dev.handoff.store.UnresolvedAttempt;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store that keeps everything in this process and forgets it with it. It keeps every promise of
 * {@link ConversationStore} but the one to survive.
 *
 * <p>Thread-safe. One lock guards all of it, and each call holds it from beginning to end: a call is a transaction, the
 * order in which the lock is taken is the order of commits, and nothing half done is ever seen. The lock is held for
 * microseconds, but for {@link #sweep}, which decides under it. Channels, bots and notifiers are never called from here.
 */
public final class InMemoryConversationStore implements ConversationStore {
    private static final Logger log = LoggerFactory.getLogger(InMemoryConversationStore.class);

    /** How long a conversation that could not be decided lets others go first. */
    private static final Duration SWEEP_AGAIN_AFTER = Duration.ofSeconds(30);

    private final Object lock = new Object();
    private final InstantSource time;
    private final FeedLog feed = new FeedLog();
    private final OnceKeys onceKeys = new OnceKeys();
    private final AgentRoster roster = new AgentRoster(feed);
    private final Conversations conversations = new Conversations();
    private final BotTurns botTurns = new BotTurns(conversations);
    private final OutboxLines outbox = new OutboxLines(feed);
    private final Attempts attempts = new Attempts();
    private final Dispatch dispatch = new Dispatch(outbox, attempts);
    private final DeliveryReports deliveryReports = new DeliveryReports(outbox, attempts);
    private final DeadLetters deadLetters = new DeadLetters(outbox);
    private final Commits commits = new Commits(conversations, botTurns, outbox, onceKeys, feed, roster);

    /** An empty store on the system's clock. */
    public InMemoryConversationStore() {
        this(InstantSource.system());
    }

    /**
     * An empty store on a clock of the caller's.
     *
     * @param time the store's time; a test advances it by hand
     */
    public InMemoryConversationStore(InstantSource time) {
        this.time = Objects.requireNonNull(time, "time");
    }

    @Override
    public void verify() {
        // Nothing outside this process can be missing.
    }

    @Override
    public Instant now() {
        return time.instant().truncatedTo(ChronoUnit.MICROS);
    }

    @Override
    public List<Snapshot> snapshots(List<Lookup> lookups) {
        synchronized (lock) {
            Instant now = now();
            return lookups.stream().map(lookup -> snapshot(lookup, now)).toList();
        }
    }

    private Snapshot snapshot(Lookup lookup, Instant now) {
        ConversationRow row;
        ConversationId previous = null;
        if (lookup instanceof Lookup.ByAddress byAddress) {
            row = conversations.openAt(byAddress.address());
            previous = row == null ? conversations.lastEndedAt(byAddress.address()) : null;
        } else {
            row = conversations.find(((Lookup.ById) lookup).id());
        }
        return new Snapshot(row == null ? null : row.conversation, previous, onceKeys.prior(lookup.once()), now);
    }

    @Override
    public List<CommitResult> commit(List<ChangeSet> changes) {
        synchronized (lock) {
            Instant now = now();
            return changes.stream().map(change -> commits.commit(change, now)).toList();
        }
    }

    @Override
    public CommitResult commitPatiently(ChangeSet change) {
        return commit(List.of(change)).get(0);
    }

    @Override
    public List<ChangeSet> sweep(int limit, Function<Snapshot, Optional<ChangeSet>> decide) {
        List<ChangeSet> committed = new ArrayList<>();
        synchronized (lock) {
            Instant now = now();
            for (ConversationRow row : conversations.dueBy(now, limit)) {
                ConversationId id = row.conversation.id();
                try {
                    Optional<ChangeSet> change = decide.apply(new Snapshot(row.conversation, null, null, now));
                    if (change.isEmpty()) {
                        continue;
                    }
                    CommitResult result = commits.commit(change.get(), now);
                    if (result instanceof CommitResult.Committed) {
                        committed.add(change.get());
                    } else {
                        log.warn("The deadline of {} was not acted on, and is tried again later: {}", id, result);
                        conversations.postponeSweep(row, now.plus(SWEEP_AGAIN_AFTER));
                    }
                } catch (RuntimeException failure) {
                    log.warn("The deadline of {} could not be decided, and is tried again later", id, failure);
                    conversations.postponeSweep(row, now.plus(SWEEP_AGAIN_AFTER));
                }
            }
        }
        return List.copyOf(committed);
    }

    @Override
    public List<BotWork> claimBotTurns(int limit, Duration lease) {
        synchronized (lock) {
            return botTurns.claim(limit, lease, now());
        }
    }

    @Override
    public void renewBotTurns(Collection<BotWork> turns, Duration lease) {
        synchronized (lock) {
            botTurns.renew(turns, lease, now());
        }
    }

    @Override
    public void forgetCommandsOlderThan(Duration age) {
        synchronized (lock) {
            onceKeys.forgetCommandsBefore(now().minus(age));
        }
    }

    @Override
    public List<OutboundPermit> claimPermits(PermitRequest request) {
        synchronized (lock) {
            return dispatch.claimPermits(request, now());
        }
    }

    @Override
    public void recordResults(List<AttemptResult> results) {
        synchronized (lock) {
            Instant now = now();
            results.forEach(result -> dispatch.record(result, now));
        }
    }

    @Override
    public List<Backlog> backlogs() {
        synchronized (lock) {
            return outbox.backlogs();
        }
    }

    @Override
    public void recordContacts(List<SenderContact> contacts) {
        synchronized (lock) {
            Instant now = now();
            contacts.forEach(contact -> dispatch.record(contact, now));
        }
    }

    @Override
    public int expireLeases(int limit) {
        synchronized (lock) {
            return dispatch.expireLeases(limit, now());
        }
    }

    @Override
    public List<UnresolvedAttempt> claimUnresolved(int limit, Duration lease) {
        synchronized (lock) {
            return dispatch.claimUnresolved(limit, lease, now());
        }
    }

    @Override
    public List<SilentMessage> claimSilent(int limit, Duration silence) {
        synchronized (lock) {
            return dispatch.claimSilent(limit, silence, now());
        }
    }

    @Override
    public boolean recordDelivery(DeliveryUpdate update) {
        synchronized (lock) {
            return deliveryReports.record(update, now());
        }
    }

    @Override
    public List<Message> deadLetters(String tenant, int limit) {
        synchronized (lock) {
            return deadLetters.latest(tenant, limit);
        }
    }

    @Override
    public RetryDecision retryDeadLetter(MessageId id, Actor actor) {
        synchronized (lock) {
            RetryDecision decision = deadLetters.retry(id, actor, now());
            return decision == RetryDecision.NOT_FOUND && message(id).isPresent() ? RetryDecision.NOT_DEAD : decision;
        }
    }

    @Override
    public boolean dropDeadLetter(MessageId id, Actor actor) {
        synchronized (lock) {
            return deadLetters.drop(id, actor, now());
        }
    }

    @Override
    public int sequenceFeed(int limit) {
        synchronized (lock) {
            return feed.sequence(limit);
        }
    }

    @Override
    public List<FeedEntry> feed(String tenant, long after, int limit) {
        synchronized (lock) {
            return feed.after(tenant, after, limit);
        }
    }

    @Override
    public long feedEnd(String tenant) {
        synchronized (lock) {
            return feed.end(tenant);
        }
    }

    @Override
    public Optional<Conversation> conversation(ConversationId id) {
        synchronized (lock) {
            return Optional.ofNullable(conversations.find(id)).map(row -> row.conversation);
        }
    }

    @Override
    public List<Message> messages(ConversationId id, long after, int limit) {
        synchronized (lock) {
            ConversationRow row = conversations.find(id);
            return row == null
                    ? List.of()
                    : after(row.messages, after, limit).map(this::seen).toList();
        }
    }

    @Override
    public Optional<Message> message(MessageId id) {
        synchronized (lock) {
            return Optional.ofNullable(conversations.find(id.conversation()))
                    .map(row -> row.messages.get(id.seq()))
                    .map(this::seen);
        }
    }

    /** What is known of an outbound message's delivery is kept in its line, not with the message. */
    private Message seen(Message message) {
        OutboxRow row = outbox.find(message.id());
        return row == null ? message : row.seen();
    }

    @Override
    public List<Event> events(ConversationId id, long after, int limit) {
        synchronized (lock) {
            ConversationRow row = conversations.find(id);
            return row == null ? List.of() : after(row.events, after, limit).toList();
        }
    }

    private static <T> Stream<T> after(SortedMap<Long, T> things, long place, int limit) {
        return things.tailMap(place + 1).values().stream().limit(Math.max(0, limit));
    }

    @Override
    public Page conversations(Query query) {
        synchronized (lock) {
            return Pages.page(conversations.all(), query);
        }
    }

    @Override
    public List<Conversation> queue(String tenant, @Nullable String queue, int limit) {
        synchronized (lock) {
            return Pages.waiting(conversations.all(), tenant, queue, limit);
        }
    }

    @Override
    public Optional<AgentState> agent(String tenant, String id) {
        synchronized (lock) {
            return Optional.ofNullable(roster.find(tenant, id));
        }
    }

    @Override
    public void register(Agent agent) {
        synchronized (lock) {
            roster.register(agent);
        }
    }

    @Override
    public void setAvailability(String tenant, String agentId, Availability availability) {
        synchronized (lock) {
            roster.setAvailability(tenant, agentId, availability, now());
        }
    }
}
