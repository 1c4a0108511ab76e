package dev.handoff.machine;

import dev.handoff.channel.InboundMessage;
import dev.handoff.model.Actor;
import dev.handoff.model.BotState;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.Deadline;
import dev.handoff.model.Delivery;
import dev.handoff.model.Direction;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.HandBack;
import dev.handoff.model.HumanHandoff;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one decision is writing: the conversation as it will be, and the messages and events on the way there. Lives for
 * one decision on one thread. Places, epoch and audit events are kept here, so that no rule can forget them.
 */
final class Draft {
    private final Conversation before;
    private final Actor actor;
    private final Instant now;
    private final SessionWindow window;
    private final List<Message> messages = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();

    private ConversationStatus status;
    private @Nullable HumanHandoff handoff;
    private @Nullable HandBack handBack;
    private boolean handsBack;
    private boolean windowWarned;
    private @Nullable Deadline deadline;
    private @Nullable String customerName;
    private @Nullable Instant lastInboundAt;
    private BotState bot;
    private long epoch;
    private long lastSeq;
    private long eventSeq;
    private long inboundSeq;

    Draft(Conversation before, Actor actor, Instant now, SessionWindow window) {
        this.before = before;
        this.window = window;
        this.actor = actor;
        this.now = now;
        this.status = before.status();
        this.handoff = before.handoff();
        this.handBack = before.handBack();
        this.deadline = before.deadline();
        this.customerName = before.customerName();
        this.lastInboundAt = before.lastInboundAt();
        this.bot = before.bot();
        this.epoch = before.epoch();
        this.lastSeq = before.lastSeq();
        this.eventSeq = before.eventSeq();
        this.inboundSeq = before.inboundSeq();
    }

    /** The conversation as written so far, one version up. */
    Conversation conversation() {
        return new Conversation(
                before.id(),
                before.address(),
                customerName,
                status,
                handoff,
                handBack,
                bot,
                epoch,
                before.version() + 1,
                lastSeq,
                eventSeq,
                inboundSeq,
                lastInboundAt,
                deadline == null ? null : deadline.windowWarnedAt(windowWarnAt()),
                before.previous(),
                before.createdAt(),
                now,
                before.closedAt() != null || status.isOpen() ? before.closedAt() : now);
    }

    /** A window is warned of once: it is armed when humans come to the conversation, and when the customer writes to them. */
    private @Nullable Instant windowWarnAt() {
        if (status != ConversationStatus.HUMAN_HANDOFF || windowWarned || lastInboundAt == null) {
            return null;
        }
        boolean begins = before.status() != ConversationStatus.HUMAN_HANDOFF;
        boolean moved = !lastInboundAt.equals(before.lastInboundAt());
        if (begins || moved) {
            return window.isOpen(lastInboundAt, now) ? window.warnAt(lastInboundAt) : null;
        }
        return before.deadline() == null ? null : before.deadline().windowWarnAt();
    }

    /** People are told that the session window closes. */
    void windowWarned() {
        windowWarned = true;
    }

    Decision.Accepted accepted() {
        return new Decision.Accepted(conversation(), messages, events, epoch != before.epoch());
    }

    Instant now() {
        return now;
    }

    String channel() {
        return before.address().channel();
    }

    void bot(BotState newBot) {
        bot = newBot;
    }

    void deadline(Deadline newDeadline) {
        deadline = newDeadline;
    }

    /** The conversation has come into being with this draft. */
    void opened() {
        Map<String, String> data = new LinkedHashMap<>();
        data.put("status", status.name());
        data.put("epoch", Long.toString(epoch));
        data.put("channel", before.address().channel());
        data.put("inbox", before.address().inbox());
        data.put("customer", before.address().customer());
        if (before.previous() != null) {
            data.put("previousConversationId", before.previous().text());
        }
        event(EventType.CONVERSATION_OPENED, data);
    }

    void received(InboundMessage inbound) {
        Message message = new Message(
                nextMessage(),
                MessageOwner.CUSTOMER,
                null,
                Direction.INBOUND,
                inbound.content(),
                inbound.fields(),
                inbound.providerMessageId(),
                null,
                null,
                epoch,
                now);
        inboundSeq = message.id().seq();
        lastInboundAt = now;
        if (inbound.customerName() != null) {
            customerName = inbound.customerName();
        }
        if (status == ConversationStatus.PENDING) {
            status = ConversationStatus.PROGRESS;
        }
        if (status == ConversationStatus.HUMAN_HANDOFF) {
            // In human hands the bot owes nothing: what arrives there is not answered by it later either.
            bot = BotState.settledUpTo(inboundSeq);
        }
        add(message);
    }

    void says(MessageOwner owner, @Nullable String agentId, Content content) {
        add(outbound(owner, agentId, content, Delivery.QUEUED, null, epoch));
    }

    /** Keeps what the bot thought but must not say. */
    void suppressed(Content content, long thoughtInEpoch, String reason) {
        Message message = outbound(MessageOwner.BOT, null, content, Delivery.SUPPRESSED, reason, thoughtInEpoch);
        messages.add(message);
        event(
                EventType.BOT_REPLY_SUPPRESSED,
                Map.of(
                        "messageId",
                        message.id().text(),
                        "owner",
                        MessageOwner.BOT.name(),
                        "reason",
                        reason,
                        "thoughtInEpoch",
                        Long.toString(thoughtInEpoch)));
    }

    void note(String agentId, String text) {
        Message note = new Message(
                nextMessage(),
                MessageOwner.AGENT,
                agentId,
                Direction.INTERNAL,
                Content.text(text),
                Map.of(),
                null,
                null,
                null,
                epoch,
                now);
        messages.add(note);
        event(
                EventType.NOTE_ADDED,
                Map.of("messageId", note.id().text(), "owner", MessageOwner.AGENT.name(), "agentId", agentId));
    }

    /** Changes state: raises the epoch if the holder changes, and writes the one audit event of this transition (I8). */
    void enters(
            EventType type,
            ConversationStatus newStatus,
            @Nullable HumanHandoff newHandoff,
            @Nullable Deadline newDeadline,
            @Nullable String reason) {
        String from = conversation().holder().toString();
        status = newStatus;
        handoff = newHandoff;
        deadline = newDeadline;
        String to = conversation().holder().toString();
        if (!from.equals(to)) {
            epoch++;
            bot = BotState.settledUpTo(inboundSeq);
        }
        Map<String, String> data = new LinkedHashMap<>();
        data.put("from", from);
        data.put("to", to);
        if (reason != null) {
            data.put("reason", reason);
        }
        data.put("status", status.name());
        data.put("epoch", Long.toString(epoch));
        if (newHandoff != null) {
            data.put("handoffReason", newHandoff.reason());
            data.put("queue", newHandoff.queue());
            data.put("priority", Integer.toString(newHandoff.priority()));
            putIfPresent(data, "agentId", newHandoff.agentId());
            putIfPresent(data, "summary", newHandoff.summary());
        }
        if (handsBack && handBack != null) {
            putIfPresent(data, "summary", handBack.summary());
        }
        event(type, data);
    }

    /** How the human stretch ended: to be said before the draft enters the state that follows. */
    void handBack(HandBack newHandBack) {
        handsBack = true;
        handBack = newHandBack;
    }

    void event(EventType type, Map<String, String> data) {
        eventSeq++;
        events.add(new Event(
                before.id().tenant(),
                before.id(),
                eventSeq,
                type,
                actor.toString(),
                now,
                Collections.unmodifiableMap(data)));
    }

    private Message outbound(
            MessageOwner owner,
            @Nullable String agentId,
            Content content,
            Delivery delivery,
            @Nullable String error,
            long saidInEpoch) {
        return new Message(
                nextMessage(),
                owner,
                agentId,
                Direction.OUTBOUND,
                content,
                Map.of(),
                null,
                delivery,
                error,
                saidInEpoch,
                now);
    }

    private void add(Message message) {
        messages.add(message);
        Map<String, String> data = new LinkedHashMap<>();
        data.put("messageId", message.id().text());
        data.put("owner", message.owner().name());
        data.put("status", status.name());
        putIfPresent(data, "agentId", message.agentId());
        event(EventType.NEW_MESSAGE, data);
    }

    private MessageId nextMessage() {
        lastSeq++;
        return new MessageId(before.id(), lastSeq);
    }

    private static void putIfPresent(Map<String, String> data, String key, @Nullable String value) {
        if (value != null) {
            data.put(key, value);
        }
    }
}
