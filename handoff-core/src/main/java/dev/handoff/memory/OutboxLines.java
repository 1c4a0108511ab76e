package dev.handoff.memory;

import dev.handoff.model.Actor;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.store.Backlog;
import dev.handoff.store.SenderId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The outbound messages, one line a customer: what an ended conversation still has to say goes before what the next one
 * says. Every change of a row passes through here, so that the line's head, the moments at which something is due, and
 * the events agree with the rows. Guarded by the store's lock.
 */
final class OutboxLines {
    private final Map<ConversationId, NavigableMap<Long, OutboxRow>> conversations = new HashMap<>();
    private final Map<ConversationAddress, Line> lines = new HashMap<>();
    private final Map<SenderId, SenderQueue> senders = new LinkedHashMap<>();
    private final DueIndex<OutboxRow> leases = new DueIndex<>();
    private final DueIndex<OutboxRow> unresolved = new DueIndex<>();
    private final FeedLog feed;

    OutboxLines(FeedLog feed) {
        this.feed = feed;
    }

    void add(ConversationAddress address, Message message, Instant now) {
        OutboxRow row = new OutboxRow(address, message, now);
        conversations
                .computeIfAbsent(message.id().conversation(), id -> new TreeMap<>())
                .put(message.id().seq(), row);
        index(row);
    }

    @Nullable
    OutboxRow find(MessageId id) {
        return of(id.conversation()).get(id.seq());
    }

    Stream<OutboxRow> all() {
        return conversations.values().stream().flatMap(rows -> rows.values().stream());
    }

    /** The senders that have something to send, the one that was served longest ago first. */
    List<SenderQueue> sendersWaiting(Instant now) {
        return senders.values().stream()
                .filter(sender -> sender.hasSomethingDueBy(now))
                .sorted(Comparator.comparing(sender -> sender.servedAt))
                .toList();
    }

    List<Backlog> backlogs() {
        Map<SenderId, Long> waiting = all().filter(row -> row.state == OutboxRow.State.QUEUED)
                .collect(Collectors.groupingBy(row -> SenderId.of(row.address), Collectors.counting()));
        return waiting.entrySet().stream()
                .map(sender -> new Backlog(sender.getKey(), sender.getValue()))
                .sorted(Comparator.comparing(Backlog::messages).reversed())
                .toList();
    }

    SenderQueue sender(SenderId id) {
        return senders.computeIfAbsent(id, SenderQueue::new);
    }

    List<OutboxRow> leasesOverBy(Instant now, int limit) {
        return leases.dueBy(now, limit);
    }

    List<OutboxRow> unresolvedBy(Instant now, int limit) {
        return unresolved.dueBy(now, limit);
    }

    /**
     * Fences the bot's messages: those that wait are suppressed, and none of the others is queued again. Messages that
     * are no longer open are fenced too, since an operator may ask to send a failed one again.
     *
     * @return those whose send had begun
     */
    List<MessageId> fence(ConversationId conversation, Instant now) {
        List<MessageId> inFlight = new ArrayList<>();
        for (OutboxRow row : of(conversation).values()) {
            if (!row.isBots()) {
                continue;
            }
            row.fenced = true;
            if (row.state == OutboxRow.State.QUEUED) {
                change(row, provider(row), now, it -> it.state = OutboxRow.State.SUPPRESSED);
            } else if (row.state.isOpen()) {
                inFlight.add(row.message.id());
            }
        }
        return List.copyOf(inFlight);
    }

    /** Changes a row, with an event where people see another delivery. */
    void change(OutboxRow row, Actor actor, Instant now, Consumer<OutboxRow> change) {
        Delivery before = row.delivery();
        changeQuietly(row, change);
        if (row.delivery() != before) {
            tell(row, actor, now);
        }
    }

    void tell(OutboxRow row, Actor actor, Instant now) {
        feed.add(deliveryUpdated(row, actor, now));
    }

    /** Changes a row, and tells nobody. */
    void changeQuietly(OutboxRow row, Consumer<OutboxRow> change) {
        change.accept(row);
        index(row);
    }

    private NavigableMap<Long, OutboxRow> of(ConversationId conversation) {
        return conversations.getOrDefault(conversation, Collections.emptyNavigableMap());
    }

    /** The actor of what a channel's provider has said or done. */
    static Actor provider(OutboxRow row) {
        return new Actor.Provider(row.address.channel());
    }

    private void index(OutboxRow row) {
        Line line = lines.computeIfAbsent(row.address, address -> new Line(sender(SenderId.of(address))));
        leases.remove(row);
        unresolved.remove(row);
        line.perhapsOut.remove(row);
        if (row.state.isOpen()) {
            line.open.put(row.message.id(), row);
        } else {
            line.open.remove(row.message.id());
        }
        if (row.state == OutboxRow.State.DISPATCHING) {
            line.perhapsOut.add(row);
            leases.put(row, row.leaseUntil);
        } else if (row.state == OutboxRow.State.UNKNOWN) {
            line.perhapsOut.add(row);
            unresolved.put(row, row.due);
        }
        // A dead letter that is sent again may stand before a message that is out: one at a time all the same. Were two
        // out that say the same, nobody could tell by looking which of them the provider has.
        line.sender.place(line);
    }

    private static Event deliveryUpdated(OutboxRow row, Actor actor, Instant now) {
        MessageId id = row.message.id();
        Map<String, String> data = new HashMap<>();
        data.put("messageId", id.text());
        data.put("owner", row.message.owner().name());
        data.put("delivery", row.delivery().name());
        if (row.state == OutboxRow.State.SUPPRESSED) {
            data.put("reason", "control changed before it was sent");
        }
        if (row.error != null) {
            data.put("error", row.error);
        }
        if (row.providerMessageId != null) {
            data.put("providerMessageId", row.providerMessageId);
        }
        return new Event(
                id.conversation().tenant(),
                id.conversation(),
                null,
                EventType.DELIVERY_UPDATED,
                actor.toString(),
                now,
                Map.copyOf(data));
    }
}
