package dev.handoff.testkit;

import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.BotState;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.Deadline;
import dev.handoff.model.Delivery;
import dev.handoff.model.Direction;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.HumanHandoff;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.BotLease;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.LoadChange;
import dev.handoff.store.OnceKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A change set in the making. It stands in for the state machine, so that a store is tested by itself: it keeps places
 * dense and epochs rising, and knows no other rule. Each word adds its event. Not thread-safe.
 */
public final class Draft {
    private final long expectedVersion;
    private final Instant now;
    private final ConversationId id;
    private final ConversationAddress address;
    private final Conversation before;
    private ConversationStatus status;
    private @Nullable HumanHandoff handoff;
    private BotState bot;
    private long epoch;
    private long lastSeq;
    private long eventSeq;
    private long inboundSeq;
    private @Nullable Instant lastInboundAt;
    private @Nullable Deadline deadline;
    private boolean controlChanged;
    private @Nullable OnceKey once;
    private BotLease lease = new BotLease.Keep();
    private final List<Message> messages = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final List<LoadChange> loads = new ArrayList<>();

    private Draft(Conversation before, long expectedVersion, Instant now) {
        this.before = before;
        this.expectedVersion = expectedVersion;
        this.now = now;
        id = before.id();
        address = before.address();
        status = before.status();
        handoff = before.handoff();
        bot = before.bot();
        epoch = before.epoch();
        lastSeq = before.lastSeq();
        eventSeq = before.eventSeq();
        inboundSeq = before.inboundSeq();
        lastInboundAt = before.lastInboundAt();
        deadline = before.deadline();
    }

    /** A new conversation with the bot, due in an hour. */
    public static Draft opening(ConversationAddress address, Instant now) {
        return opening(new ConversationId(address.tenant(), UUID.randomUUID()), address, now);
    }

    /** The same, under a name of the caller's. */
    public static Draft opening(ConversationId id, ConversationAddress address, Instant now) {
        Conversation blank = new Conversation(
                id,
                address,
                null,
                ConversationStatus.PROGRESS,
                null,
                null,
                BotState.NEW,
                1,
                0,
                0,
                0,
                0,
                null,
                new Deadline(Deadline.Kind.CUSTOMER_SILENT, now.plus(Duration.ofHours(1)), null),
                null,
                now,
                now,
                null);
        return new Draft(blank, 0, now).happened(EventType.CONVERSATION_OPENED, new Actor.Customer());
    }

    /** A change of a conversation, decided on it as it stands. */
    public static Draft of(Conversation conversation, Instant now) {
        return new Draft(conversation, conversation.version(), now);
    }

    /** The customer writes. */
    public Draft hears(String text) {
        inboundSeq = lastSeq + 1;
        lastInboundAt = now;
        add(MessageOwner.CUSTOMER, Direction.INBOUND, text, null, "in-" + UUID.randomUUID());
        return happened(EventType.NEW_MESSAGE, new Actor.Customer());
    }

    /** Somebody on our side says something; it is to be sent. */
    public Draft says(MessageOwner owner, String text) {
        add(owner, Direction.OUTBOUND, text, Delivery.QUEUED, null);
        return happened(EventType.NEW_MESSAGE, new Actor.Host());
    }

    /** The bot says something too late. */
    public Draft isSuppressed(String text) {
        add(MessageOwner.BOT, Direction.OUTBOUND, text, Delivery.SUPPRESSED, null);
        return happened(EventType.BOT_REPLY_SUPPRESSED, new Actor.Bot());
    }

    /** An agent writes a note. */
    public Draft notes(String text) {
        add(MessageOwner.AGENT, Direction.INTERNAL, text, null, null);
        return happened(EventType.NOTE_ADDED, new Actor.Host());
    }

    /** Everything that the customer has written is answered. */
    public Draft answered() {
        bot = bot.answered(inboundSeq);
        return this;
    }

    /** Nobody is in control until an agent comes. */
    public Draft waits(String queue, int priority, Instant since) {
        changesHands();
        giveBack();
        status = ConversationStatus.HUMAN_HANDOFF;
        handoff = new HumanHandoff(since, "asked for a person", null, queue, priority, null, false);
        return happened(EventType.HANDOFF_REQUESTED, new Actor.Customer());
    }

    /** An agent takes the conversation, from whoever holds it. */
    public Draft taken(Agent agent) {
        changesHands();
        giveBack();
        loads.add(new LoadChange.Take(agent));
        status = ConversationStatus.HUMAN_HANDOFF;
        handoff = new HumanHandoff(now, "taken over", null, HumanHandoff.DEFAULT_QUEUE, 0, agent.id(), false);
        return happened(EventType.AGENT_TOOK_OVER, agent.asActor());
    }

    /** The bot is in control again, and owes nothing. */
    public Draft released() {
        changesHands();
        giveBack();
        status = ConversationStatus.PROGRESS;
        handoff = null;
        bot = BotState.settledUpTo(inboundSeq);
        return happened(EventType.RELEASED_TO_BOT, new Actor.Host());
    }

    /** The conversation ends. */
    public Draft closed() {
        changesHands();
        giveBack();
        status = ConversationStatus.AGENT_CLOSED;
        deadline = null;
        return happened(EventType.CONVERSATION_CLOSED, new Actor.Host());
    }

    /** The present state must be left at this moment. */
    public Draft dueAt(Instant at) {
        return due(at, null);
    }

    /** The present state must be left at this moment, and a warning comes before. */
    public Draft due(Instant at, @Nullable Instant warnAt) {
        deadline = new Deadline(Deadline.Kind.CUSTOMER_SILENT, at, warnAt);
        return this;
    }

    /** The key under which this has one effect. */
    public Draft once(OnceKey key) {
        once = key;
        return this;
    }

    /** What becomes of the bot's claim. */
    public Draft with(BotLease change) {
        lease = change;
        return this;
    }

    /** An agent's load changes, whatever the conversation says. */
    public Draft with(LoadChange change) {
        loads.add(change);
        return this;
    }

    /** Something happened that changes nothing else. */
    public Draft happened(EventType type, Actor actor) {
        events.add(new Event(
                id.tenant(), id, ++eventSeq, type, actor.toString(), now, Map.of("reason", "because", "to", "bot")));
        return this;
    }

    /** The name of the last message so far. */
    public MessageId lastMessage() {
        return new MessageId(id, lastSeq);
    }

    /** The finished change set; a new one, with its own id, at each call. */
    public ChangeSet done() {
        Conversation next = new Conversation(
                id,
                address,
                before.customerName(),
                status,
                handoff,
                before.handBack(),
                bot,
                epoch,
                expectedVersion + 1,
                lastSeq,
                eventSeq,
                inboundSeq,
                lastInboundAt,
                deadline,
                before.previous(),
                before.createdAt(),
                now,
                status.isOpen() ? null : now);
        return new ChangeSet(
                UUID.randomUUID(), once, expectedVersion, next, messages, events, controlChanged, loads, lease);
    }

    private void changesHands() {
        if (!controlChanged) {
            controlChanged = true;
            epoch++;
        }
    }

    private void giveBack() {
        if (handoff != null && handoff.agentId() != null) {
            loads.add(new LoadChange.GiveBack(handoff.agentId()));
        }
    }

    private void add(
            MessageOwner owner,
            Direction direction,
            String text,
            @Nullable Delivery delivery,
            @Nullable String providerMessageId) {
        messages.add(new Message(
                new MessageId(id, ++lastSeq),
                owner,
                owner == MessageOwner.AGENT ? "ana" : null,
                direction,
                Content.text(text),
                Map.of(),
                providerMessageId,
                delivery,
                null,
                epoch,
                now));
    }
}
