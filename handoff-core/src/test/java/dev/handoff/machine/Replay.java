package dev.handoff.machine;

import dev.handoff.model.Conversation;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Folds audit events back into the state that they tell of (I8). Knows the events alone, none of the machine's rules. */
public final class Replay {
    /** The events that each tell of one transition. */
    public static final Set<EventType> TRANSITIONS = Set.of(
            EventType.HANDOFF_REQUESTED,
            EventType.AGENT_ASSIGNED,
            EventType.AGENT_TOOK_OVER,
            EventType.CONVERSATION_TRANSFERRED,
            EventType.RELEASED_TO_BOT,
            EventType.CONVERSATION_CLOSED,
            EventType.CONVERSATION_EXPIRED,
            EventType.REQUEUED,
            EventType.ESCALATED);

    private String status = "";
    private String holder = "bot";
    private String epoch = "";
    private @Nullable Stretch stretch;
    private @Nullable Back handBack;
    private @Nullable Instant closedAt;
    private long messages;
    private long events;

    /** What is known of the human stretch. */
    public record Stretch(
            Instant at,
            @Nullable String reason,
            @Nullable String summary,
            @Nullable String queue,
            @Nullable String priority,
            @Nullable String agentId,
            boolean escalated) {}

    /** What is known of the last hand-back. */
    public record Back(
            Instant since,
            Instant at,
            @Nullable String agentId,
            @Nullable String reason,
            @Nullable String summary) {}

    /** What both the events and the stored conversation can say. */
    public record Told(
            String status,
            String holder,
            String epoch,
            @Nullable Stretch stretch,
            @Nullable Back handBack,
            @Nullable Instant closedAt,
            long messages,
            long events) {}

    public static Told of(Iterable<Event> events) {
        Replay replay = new Replay();
        events.forEach(replay::apply);
        return new Told(
                replay.status,
                replay.holder,
                replay.epoch,
                replay.stretch,
                replay.handBack,
                replay.closedAt,
                replay.messages,
                replay.events);
    }

    public static Told stored(Conversation conversation) {
        var handoff = conversation.handoff();
        var back = conversation.handBack();
        return new Told(
                conversation.status().name(),
                conversation.holder().toString(),
                Long.toString(conversation.epoch()),
                handoff == null
                        ? null
                        : new Stretch(
                                handoff.at(),
                                handoff.reason(),
                                handoff.summary(),
                                handoff.queue(),
                                Integer.toString(handoff.priority()),
                                handoff.agentId(),
                                handoff.escalated()),
                back == null ? null : new Back(back.since(), back.at(), back.agentId(), back.reason(), back.summary()),
                conversation.closedAt(),
                conversation.lastSeq(),
                conversation.eventSeq());
    }

    private void apply(Event event) {
        events++;
        Map<String, String> data = event.data();
        if (data.containsKey("messageId")) {
            messages++;
        }
        if (event.type() == EventType.CONVERSATION_OPENED || event.type() == EventType.NEW_MESSAGE) {
            status = data.get("status");
            epoch = data.getOrDefault("epoch", epoch);
        }
        if (TRANSITIONS.contains(event.type())) {
            transition(event, data);
        }
    }

    private void transition(Event event, Map<String, String> data) {
        if (!holder.equals(data.get("from"))) {
            throw new IllegalStateException(event + " leaves " + data.get("from") + ", but " + holder + " held it");
        }
        holder = data.get("to");
        status = data.get("status");
        epoch = data.get("epoch");
        Stretch before = stretch;
        if (data.containsKey("handoffReason")) {
            stretch = new Stretch(
                    before == null ? event.at() : before.at(),
                    data.get("handoffReason"),
                    data.get("summary"),
                    data.get("queue"),
                    data.get("priority"),
                    data.get("agentId"),
                    event.type() == EventType.ESCALATED || (before != null && before.escalated()));
        } else {
            if (event.type() == EventType.RELEASED_TO_BOT && before != null) {
                handBack = new Back(before.at(), event.at(), before.agentId(), data.get("reason"), data.get("summary"));
            }
            stretch = null;
        }
        if (holder.equals("none")) {
            closedAt = event.at();
        }
    }
}
