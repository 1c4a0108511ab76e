package dev.handoff.jdbi;

import dev.handoff.model.Actor;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.MessageId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An event as a row of the conversation's own events, of those that wait for the feed, or of the feed. */
final class EventRows {
    /** Why a message was suppressed, in the event that tells of it. */
    static final String FENCED = "control changed before it was sent";

    static final Shape<Event> SHAPE = new Shape<Event>()
            .text("tenant", Event::tenant)
            .uuid(
                    "conversation",
                    e -> e.conversation() == null ? null : e.conversation().value())
            .number("seq", Event::seq)
            .text("event_type", e -> e.type().name())
            .text("actor", Event::actor)
            .time("happened_at", Event::at)
            .text("data", e -> e.data().isEmpty() ? "{}" : Json.texts(e.data()));

    /** Tells the feed alone; on PostgreSQL arrays are bound by the same names. */
    static final String INSERT_PENDING = """
            INSERT INTO ${p}feed_pending (tenant, conversation, seq, event_type, actor, happened_at, data)
            VALUES (:tenant, :conversation, :seq, :event_type, :actor, :happened_at, :data)
            """;

    private EventRows() {}

    static Event read(ResultSet row) throws SQLException {
        String tenant = Columns.text(row, "tenant");
        UUID conversation = Columns.uuidOrNull(row, "conversation");
        return new Event(
                tenant,
                conversation == null ? null : new ConversationId(tenant, conversation),
                Columns.numberOrNull(row, "seq"),
                EventType.valueOf(Columns.text(row, "event_type")),
                Columns.text(row, "actor"),
                Columns.instant(row, "happened_at"),
                Json.texts(Columns.text(row, "data")));
    }

    /** A delivery that people see changed. It takes a place in the feed, not in the conversation's dense sequence. */
    static Event deliveryUpdated(
            MessageId id,
            String owner,
            Delivery delivery,
            @Nullable String error,
            @Nullable String providerMessageId,
            Actor actor,
            Instant at) {
        Map<String, String> data = new HashMap<>();
        data.put("messageId", id.text());
        data.put("owner", owner);
        data.put("delivery", delivery.name());
        if (delivery == Delivery.SUPPRESSED) {
            data.put("reason", FENCED);
        }
        if (error != null) {
            data.put("error", error);
        }
        if (providerMessageId != null) {
            data.put("providerMessageId", providerMessageId);
        }
        ConversationId conversation = id.conversation();
        return new Event(
                conversation.tenant(), conversation, null, EventType.DELIVERY_UPDATED, actor.toString(), at, data);
    }
}
