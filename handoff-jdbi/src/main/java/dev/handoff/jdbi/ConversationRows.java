package dev.handoff.jdbi;

import dev.handoff.model.BotState;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.Deadline;
import dev.handoff.model.HandBack;
import dev.handoff.model.HumanHandoff;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A conversation as a row. */
final class ConversationRows {

    /** All that makes a {@link Conversation}; without the bot's claim, which is no part of it. */
    static final String COLUMNS = """
            c.tenant, c.id, c.channel, c.inbox, c.customer, c.customer_name, c.status,
            c.handoff_at, c.handoff_reason, c.handoff_summary, c.handoff_queue, c.handoff_priority,
            c.handoff_escalated, c.agent_id,
            c.hand_back_since, c.hand_back_at, c.hand_back_agent, c.hand_back_reason, c.hand_back_summary,
            c.answered_seq, c.bot_failures, c.bot_turns,
            c.epoch, c.version, c.last_seq, c.event_seq, c.inbound_seq, c.last_inbound_at,
            c.deadline_kind, c.deadline_at, c.warn_at, c.window_warn_at, c.previous_id, c.created_at, c.updated_at, c.closed_at
            """;

    static final Shape<Conversation> SHAPE = new Shape<Conversation>()
            .text("tenant", c -> c.id().tenant())
            .uuid("id", c -> c.id().value())
            .text("address_key", c -> BoundedKey.of(c.address()))
            .text("open_key", c -> c.status().isOpen() ? BoundedKey.of(c.address()) : null)
            .text("channel", c -> c.address().channel())
            .text("inbox", c -> c.address().inbox())
            .text("customer", c -> c.address().customer())
            .text("customer_name", Conversation::customerName)
            .text("status", c -> c.status().name())
            .time("handoff_at", handoff(HumanHandoff::at))
            .text("handoff_reason", handoff(HumanHandoff::reason))
            .text("handoff_summary", handoff(HumanHandoff::summary))
            .text("handoff_queue", handoff(HumanHandoff::queue))
            .integer("handoff_priority", handoff(HumanHandoff::priority))
            .flag("handoff_escalated", handoff(HumanHandoff::escalated))
            .text("agent_id", handoff(HumanHandoff::agentId))
            .time("hand_back_since", handBack(HandBack::since))
            .time("hand_back_at", handBack(HandBack::at))
            .text("hand_back_agent", handBack(HandBack::agentId))
            .text("hand_back_reason", handBack(HandBack::reason))
            .text("hand_back_summary", handBack(HandBack::summary))
            .number("answered_seq", c -> c.bot().answeredSeq())
            .integer("bot_failures", c -> c.bot().failuresInARow())
            .integer("bot_turns", c -> c.bot().turnsInARow())
            .number("epoch", Conversation::epoch)
            .number("version", Conversation::version)
            .number("last_seq", Conversation::lastSeq)
            .number("event_seq", Conversation::eventSeq)
            .number("inbound_seq", Conversation::inboundSeq)
            .time("last_inbound_at", Conversation::lastInboundAt)
            .text("deadline_kind", deadline(deadline -> deadline.kind().name()))
            .time("deadline_at", deadline(Deadline::at))
            .time("warn_at", deadline(Deadline::warnAt))
            .time("window_warn_at", deadline(Deadline::windowWarnAt))
            .time("due_at", deadline(Deadline::dueAt))
            .uuid("previous_id", c -> c.previous() == null ? null : c.previous().value())
            .time("created_at", Conversation::createdAt)
            .time("updated_at", Conversation::updatedAt)
            .time("closed_at", Conversation::closedAt);

    private ConversationRows() {}

    static Conversation read(ResultSet row) throws SQLException {
        String tenant = Columns.text(row, "tenant");
        UUID previous = Columns.uuidOrNull(row, "previous_id");
        return new Conversation(
                new ConversationId(tenant, Columns.uuid(row, "id")),
                new ConversationAddress(
                        tenant,
                        Columns.text(row, "channel"),
                        Columns.text(row, "inbox"),
                        Columns.text(row, "customer")),
                Columns.textOrNull(row, "customer_name"),
                ConversationStatus.valueOf(Columns.text(row, "status")),
                readHandoff(row),
                readHandBack(row),
                new BotState(row.getLong("answered_seq"), row.getInt("bot_failures"), row.getInt("bot_turns")),
                row.getLong("epoch"),
                row.getLong("version"),
                row.getLong("last_seq"),
                row.getLong("event_seq"),
                row.getLong("inbound_seq"),
                Columns.instantOrNull(row, "last_inbound_at"),
                readDeadline(row),
                previous == null ? null : new ConversationId(tenant, previous),
                Columns.instant(row, "created_at"),
                Columns.instant(row, "updated_at"),
                Columns.instantOrNull(row, "closed_at"));
    }

    private static @Nullable HumanHandoff readHandoff(ResultSet row) throws SQLException {
        Instant at = Columns.instantOrNull(row, "handoff_at");
        return at == null
                ? null
                : new HumanHandoff(
                        at,
                        Columns.text(row, "handoff_reason"),
                        Columns.textOrNull(row, "handoff_summary"),
                        Columns.text(row, "handoff_queue"),
                        row.getInt("handoff_priority"),
                        Columns.textOrNull(row, "agent_id"),
                        row.getBoolean("handoff_escalated"));
    }

    private static @Nullable HandBack readHandBack(ResultSet row) throws SQLException {
        Instant at = Columns.instantOrNull(row, "hand_back_at");
        return at == null
                ? null
                : new HandBack(
                        Columns.instant(row, "hand_back_since"),
                        at,
                        Columns.textOrNull(row, "hand_back_agent"),
                        Columns.text(row, "hand_back_reason"),
                        Columns.textOrNull(row, "hand_back_summary"));
    }

    private static @Nullable Deadline readDeadline(ResultSet row) throws SQLException {
        Instant at = Columns.instantOrNull(row, "deadline_at");
        return at == null
                ? null
                : new Deadline(
                        Deadline.Kind.valueOf(Columns.text(row, "deadline_kind")),
                        at,
                        Columns.instantOrNull(row, "warn_at"),
                        Columns.instantOrNull(row, "window_warn_at"));
    }

    private static Shape.Value<Conversation> handoff(Shape.Value<HumanHandoff> part) {
        return c -> c.handoff() == null ? null : part.of(c.handoff());
    }

    private static Shape.Value<Conversation> handBack(Shape.Value<HandBack> part) {
        return c -> c.handBack() == null ? null : part.of(c.handBack());
    }

    private static Shape.Value<Conversation> deadline(Shape.Value<Deadline> part) {
        return c -> c.deadline() == null ? null : part.of(c.deadline());
    }
}
