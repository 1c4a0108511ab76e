package dev.handoff.jdbi;

import dev.handoff.model.Agent;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Direction;
import dev.handoff.model.Event;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.store.BotLease;
import dev.handoff.store.ChangeSet;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What a commit does to the tables, step by step, in the one order in which everybody takes locks: conversations by
 * (tenant, id), new conversations by open key, agents by id, once-keys, outbox rows by (conversation, seq), and then the
 * inserts, which wait for nobody. All inside a transaction that the caller has begun.
 */
abstract class CommitSteps {
    protected static final String CONVERSATION_COLUMNS = """
                tenant, id, address_key, open_key, channel, inbox, customer, customer_name, status, handoff_at,
                handoff_reason, handoff_summary, handoff_queue, handoff_priority, handoff_escalated, agent_id,
                hand_back_since, hand_back_at, hand_back_agent, hand_back_reason, hand_back_summary, answered_seq,
                bot_failures, bot_turns, epoch, version, last_seq, event_seq, inbound_seq, last_inbound_at,
                deadline_kind, deadline_at, warn_at, window_warn_at, due_at, previous_id, created_at, updated_at, closed_at""";

    /** What a commit changes of a conversation; the bot's claim only as far as the change set says so. */
    protected static final String CHANGES = """
            open_key = :open_key, customer_name = :customer_name, status = :status, handoff_at = :handoff_at,
            handoff_reason = :handoff_reason, handoff_summary = :handoff_summary, handoff_queue = :handoff_queue,
            handoff_priority = :handoff_priority, handoff_escalated = :handoff_escalated, agent_id = :agent_id,
            hand_back_since = :hand_back_since, hand_back_at = :hand_back_at, hand_back_agent = :hand_back_agent,
            hand_back_reason = :hand_back_reason, hand_back_summary = :hand_back_summary,
            answered_seq = :answered_seq, bot_failures = :bot_failures, bot_turns = :bot_turns, epoch = :epoch,
            version = :version, last_seq = :last_seq, event_seq = :event_seq, inbound_seq = :inbound_seq,
            last_inbound_at = :last_inbound_at, deadline_kind = :deadline_kind, deadline_at = :deadline_at,
            warn_at = :warn_at, window_warn_at = :window_warn_at, due_at = :due_at, updated_at = :updated_at, closed_at = :closed_at,
            bot_token = CASE WHEN :bot_clear OR bot_token = :bot_end THEN NULL ELSE bot_token END,
            bot_lease_until = CASE WHEN :bot_clear OR bot_token = :bot_end THEN NULL ELSE bot_lease_until END,
            bot_attempts = CASE
                WHEN :bot_clear OR bot_token = :bot_end AND :bot_done THEN 0 ELSE bot_attempts END,
            bot_not_before = CASE
                WHEN :bot_clear OR bot_token = :bot_end AND :bot_done THEN NULL
                WHEN bot_token = :bot_end THEN ${again} ELSE bot_not_before END
            """;

    private static final String UPDATE = "UPDATE ${p}conversation SET\n" + CHANGES
            + "WHERE tenant = :tenant AND id = :id AND version = :version - 1";
    private static final String UPDATE_POSTGRES = onPostgres(UPDATE);
    private static final String UPDATE_H2 =
            UPDATE.replace("${again}", "DATEADD(MICROSECOND, :bot_delay, CAST(:now AS timestamp(6) with time zone))");

    protected static String onPostgres(String update) {
        return update.replace("${again}", "clock_timestamp() + :bot_delay * INTERVAL '1 microsecond'");
    }

    protected static final Shape<ChangeSet> UPDATE_SHAPE = ConversationRows.SHAPE
            .of(ChangeSet::next)
            .flag("bot_clear", ChangeSet::controlChanged)
            .uuid("bot_end", change -> endedClaim(change.botLease()))
            .flag("bot_done", change -> change.botLease() instanceof BotLease.End)
            .number(
                    "bot_delay",
                    change -> change.botLease() instanceof BotLease.RetryAfter retry ? Sql.micros(retry.delay()) : 0L);

    private static final String SET_LOAD = "UPDATE ${p}agent SET load = :load WHERE tenant = :tenant AND id = :id";

    private static final Shape<AgentLoad> LOAD = new Shape<AgentLoad>()
            .text("tenant", AgentLoad::tenant)
            .text("id", AgentLoad::id)
            .integer("load", AgentLoad::load);

    private static final String FENCE = """
            UPDATE ${p}outbox SET fenced = TRUE, state = :state
            WHERE tenant = :tenant AND conversation = :conversation AND seq = :seq
            """;

    private static final Shape<OpenBotRow> FENCED = new Shape<OpenBotRow>()
            .text("tenant", row -> row.id().conversation().tenant())
            .uuid("conversation", row -> row.id().conversation().value())
            .number("seq", row -> row.id().seq())
            .text("state", row -> row.fenced().name());

    private static final String REMEMBER_IN_FLIGHT = """
            UPDATE ${p}dedupe SET in_flight = :in_flight
            WHERE tenant = :tenant AND kind = :kind AND once_key = :once_key
            """;

    /** An agent's row, locked. */
    record AgentLoad(String tenant, String id, @Nullable Integer capacity, int load) {
        AgentLoad with(int newLoad) {
            return new AgentLoad(tenant, id, capacity, newLoad);
        }

        static AgentLoad read(ResultSet row) throws SQLException {
            return new AgentLoad(
                    Columns.text(row, "tenant"),
                    Columns.text(row, "id"),
                    Columns.integerOrNull(row, "capacity"),
                    row.getInt("load"));
        }
    }

    record AgentName(String tenant, String id) {}

    /** A bot's message that is not settled, locked. */
    record OpenBotRow(
            MessageId id,
            String channel,
            OutboxState state,
            @Nullable String error,
            @Nullable String providerId) {
        OutboxState fenced() {
            return state == OutboxState.QUEUED ? OutboxState.SUPPRESSED : state;
        }

        static OpenBotRow read(ResultSet row) throws SQLException {
            return new OpenBotRow(
                    MessageRows.id(row),
                    Columns.text(row, "channel"),
                    OutboxState.valueOf(Columns.text(row, "state")),
                    Columns.textOrNull(row, "error"),
                    Columns.textOrNull(row, "provider_id"));
        }
    }

    /** A message on its way into the outbox. */
    record Queued(Conversation conversation, Message message) {}

    protected static final Shape<Queued> QUEUED = new Shape<Queued>()
            .text("tenant", q -> q.conversation().id().tenant())
            .uuid("conversation", q -> q.conversation().id().value())
            .number("seq", q -> q.message().id().seq())
            .text("channel", q -> q.conversation().address().channel())
            .text("inbox", q -> q.conversation().address().inbox())
            .text("customer", q -> q.conversation().address().customer())
            .text("owner", q -> q.message().owner().name())
            .number("epoch", q -> q.message().epoch())
            .text("state", q -> Objects.requireNonNull(q.message().delivery()).name())
            .text("error", q -> q.message().error());

    protected static final Shape<ConversationId> CONVERSATION =
            new Shape<ConversationId>().text("tenant", ConversationId::tenant).uuid("id", ConversationId::value);

    protected static final Shape<AgentName> AGENT =
            new Shape<AgentName>().text("tenant", AgentName::tenant).text("id", AgentName::id);

    protected static final Shape<Agent> NEW_AGENT = new Shape<Agent>()
            .text("tenant", Agent::tenant)
            .text("id", Agent::id)
            .text("role", agent -> agent.role().name())
            .integer("capacity", Agent::capacity);

    protected final Sql sql;

    CommitSteps(Sql sql) {
        this.sql = sql;
    }

    static CommitSteps on(Sql sql) {
        return sql.isPostgres() ? new PostgresCommitSteps(sql) : new H2CommitSteps(sql);
    }

    /** Locks conversations, leaving out those that somebody else holds, and reads their versions under the lock. */
    abstract Map<ConversationId, Long> lockFree(Handle handle, Collection<ConversationId> ids);

    /** Inserts new conversations in the order of their open keys; the answer leaves out those whose key or id is taken. */
    abstract Set<ConversationId> insertNew(Handle handle, List<Conversation> conversations);

    abstract void insertUnknownAgents(Handle handle, List<Agent> agents);

    abstract Map<AgentName, AgentLoad> lockAgents(Handle handle, Collection<AgentName> names);

    /** Inserts once-keys in their order; the answer leaves out those that were there. */
    abstract Set<OnceRows.Name> insertOnceKeys(Handle handle, List<ChangeSet> changes);

    /** Locks the bot's messages that are not settled, in their order. */
    abstract List<OpenBotRow> lockOpenBotRows(Handle handle, Collection<ConversationId> ids);

    abstract void append(Handle handle, List<Message> messages, List<Event> events, List<Queued> queued);

    /**
     * Writes what conversations have become, where they still are at the version that was decided on.
     *
     * @return for each whether it was
     */
    boolean[] update(Handle handle, List<ChangeSet> changes) {
        int[] counts = sql.batch(handle, sql.either(UPDATE_POSTGRES, UPDATE_H2), UPDATE_SHAPE, changes);
        boolean[] written = new boolean[counts.length];
        for (int i = 0; i < counts.length; i++) {
            written[i] = counts[i] == 1;
        }
        return written;
    }

    void setLoads(Handle handle, List<AgentLoad> loads) {
        sql.batch(handle, SET_LOAD, LOAD, loads);
    }

    void fence(Handle handle, List<OpenBotRow> rows) {
        sql.batch(handle, FENCE, FENCED, rows);
    }

    /** The once-key goes in before the outbox is locked, when nobody knows yet what was in flight. */
    void rememberInFlight(Handle handle, ChangeSet change, List<MessageId> inFlight) {
        Sql.text(
                        sql.bind(sql.update(handle, REMEMBER_IN_FLIGHT), OnceRows.SHAPE, change),
                        "in_flight",
                        OnceRows.places(inFlight))
                .execute();
    }

    static boolean isForOutbox(Message message) {
        return message.direction() == Direction.OUTBOUND
                && (message.delivery() == Delivery.QUEUED || message.delivery() == Delivery.SUPPRESSED);
    }

    private static @Nullable UUID endedClaim(BotLease lease) {
        if (lease instanceof BotLease.End end) {
            return end.token();
        }
        return lease instanceof BotLease.RetryAfter retry ? retry.token() : null;
    }
}
