package dev.handoff.jdbi;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Direction;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A message as a row; what is known of its delivery is in the outbox, and read from there. */
final class MessageRows {

    /** Of message {@code m} and, where there is one, its outbox row {@code o}. */
    static final String COLUMNS = """
            m.tenant, m.conversation, m.seq, m.owner, m.agent_id, m.direction, m.body, m.media, m.template, m.fields,
            m.provider_id, m.delivery, m.error, m.epoch, m.created_at,
            o.state, o.delivery_rank, o.provider_id AS sent_as, o.error AS send_error
            """;

    static final Shape<Message> SHAPE = new Shape<Message>()
            .text("tenant", m -> m.id().conversation().tenant())
            .uuid("conversation", m -> m.id().conversation().value())
            .number("seq", m -> m.id().seq())
            .text("owner", m -> m.owner().name())
            .text("agent_id", Message::agentId)
            .text("direction", m -> m.direction().name())
            .text("body", m -> m.content().text())
            .text("media", m -> Json.media(m.content().media()))
            .text("template", m -> Json.template(m.content().template()))
            .text("fields", m -> Json.texts(m.fields()))
            .text("provider_id", Message::providerMessageId)
            .text("delivery", m -> m.delivery() == null ? null : m.delivery().name())
            .text("error", Message::error)
            .number("epoch", Message::epoch)
            .time("created_at", Message::createdAt);

    private MessageRows() {}

    static Message read(ResultSet row) throws SQLException {
        String state = Columns.textOrNull(row, "state");
        return new Message(
                id(row),
                MessageOwner.valueOf(Columns.text(row, "owner")),
                Columns.textOrNull(row, "agent_id"),
                Direction.valueOf(Columns.text(row, "direction")),
                content(row),
                Json.texts(Columns.textOrNull(row, "fields")),
                Columns.textOrNull(row, state == null ? "provider_id" : "sent_as"),
                state == null ? stored(row) : delivery(OutboxState.valueOf(state), row.getInt("delivery_rank")),
                Columns.textOrNull(row, state == null ? "error" : "send_error"),
                row.getLong("epoch"),
                Columns.instant(row, "created_at"));
    }

    static MessageId id(ResultSet row) throws SQLException {
        return new MessageId(
                new ConversationId(Columns.text(row, "tenant"), Columns.uuid(row, "conversation")), row.getLong("seq"));
    }

    static Content content(ResultSet row) throws SQLException {
        return new Content(
                Columns.textOrNull(row, "body"),
                Json.media(Columns.textOrNull(row, "media")),
                Json.template(Columns.textOrNull(row, "template")));
    }

    private static @Nullable Delivery stored(ResultSet row) throws SQLException {
        String delivery = Columns.textOrNull(row, "delivery");
        return delivery == null ? null : Delivery.valueOf(delivery);
    }

    /** How far sending has come and how far the provider says that the message has come, as one word for people. */
    static Delivery delivery(OutboxState state, int rank) {
        return switch (state) {
            case QUEUED -> Delivery.QUEUED;
            case DISPATCHING -> Delivery.DISPATCHING;
            case UNKNOWN -> Delivery.UNKNOWN;
            case FAILED -> Delivery.FAILED;
            case SUPPRESSED -> Delivery.SUPPRESSED;
            case SENT -> {
                if (rank >= DeliveryStatus.READ.rank()) {
                    yield Delivery.READ;
                }
                yield rank >= DeliveryStatus.DELIVERED.rank() ? Delivery.DELIVERED : Delivery.SENT;
            }
        };
    }
}
