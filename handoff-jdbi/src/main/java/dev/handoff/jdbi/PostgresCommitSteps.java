package dev.handoff.jdbi;

import dev.handoff.model.Agent;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Event;
import dev.handoff.model.Message;
import dev.handoff.store.ChangeSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * A commit on PostgreSQL: whole groups in one statement a step. Keys come as arrays, are put in order by the server, and
 * are looked up one by one ({@code LATERAL … OFFSET 0}): a join could be planned as a scan of a table that was small when
 * the plan was made, and is not any more.
 */
final class PostgresCommitSteps extends CommitSteps {
    private static final String LOCK_FREE = """
            SELECT c.tenant, c.id, c.version
            FROM (SELECT * FROM unnest(:tenant, :id) AS u (tenant, id) ORDER BY u.tenant, u.id) k
            CROSS JOIN LATERAL (
                SELECT x.tenant, x.id, x.version FROM ${p}conversation x
                WHERE x.tenant = k.tenant AND x.id = k.id
                FOR NO KEY UPDATE SKIP LOCKED) c
            """;

    /** The same update for many: the values come as a table {@code v} of arrays. */
    private static final String UPDATE_MANY =
            "UPDATE ${p}conversation c SET\n" + onPostgres(CHANGES).replaceAll(":([a-z_]+)", "v.$1")
                    + """
            FROM unnest(
                :tenant, :id, :address_key, :open_key, :channel, :inbox, :customer, :customer_name, :status,
                :handoff_at, :handoff_reason, :handoff_summary, :handoff_queue, :handoff_priority, :handoff_escalated,
                :agent_id, :hand_back_since, :hand_back_at, :hand_back_agent, :hand_back_reason, :hand_back_summary,
                :answered_seq, :bot_failures, :bot_turns, :epoch, :version, :last_seq, :event_seq, :inbound_seq,
                :last_inbound_at, :deadline_kind, :deadline_at, :warn_at, :window_warn_at, :due_at, :previous_id, :created_at,
                :updated_at, :closed_at,
                :bot_clear, :bot_end, :bot_done, :bot_delay) AS v (
                ${columns},
                bot_clear, bot_end, bot_done, bot_delay)
            WHERE c.tenant = v.tenant AND c.id = v.id AND c.version = v.version - 1
            RETURNING c.tenant, c.id
            """.replace("${columns}", CONVERSATION_COLUMNS.strip());

    /**
     * The rows are locked and few, so they are looked up by their keys. A plan that was made while the table was small
     * would read all of it, and be kept while the table grows.
     */
    private static final String BY_KEYS =
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";

    private static final String INSERT_NEW = """
            INSERT INTO ${p}conversation (
                ${columns})
            SELECT k.*
            FROM unnest(
                :tenant, :id, :address_key, :open_key, :channel, :inbox, :customer, :customer_name, :status,
                :handoff_at, :handoff_reason, :handoff_summary, :handoff_queue, :handoff_priority, :handoff_escalated,
                :agent_id, :hand_back_since, :hand_back_at, :hand_back_agent, :hand_back_reason, :hand_back_summary,
                :answered_seq, :bot_failures, :bot_turns, :epoch, :version, :last_seq, :event_seq, :inbound_seq,
                :last_inbound_at, :deadline_kind, :deadline_at, :warn_at, :window_warn_at, :due_at, :previous_id, :created_at,
                :updated_at, :closed_at) AS k (
                ${columns})
            ORDER BY k.tenant, k.open_key
            ON CONFLICT DO NOTHING
            RETURNING tenant, id
            """.replace("${columns}", CONVERSATION_COLUMNS.strip());

    private static final String INSERT_AGENTS = """
            INSERT INTO ${p}agent (tenant, id, role, capacity, availability, load)
            SELECT k.tenant, k.id, k.role, k.capacity, 'AVAILABLE', 0
            FROM unnest(:tenant, :id, :role, :capacity) AS k (tenant, id, role, capacity)
            ORDER BY k.tenant, k.id
            ON CONFLICT DO NOTHING
            """;

    private static final String LOCK_AGENTS = """
            SELECT a.tenant, a.id, a.capacity, a.load
            FROM (SELECT * FROM unnest(:tenant, :id) AS u (tenant, id) ORDER BY u.tenant, u.id) k
            CROSS JOIN LATERAL (
                SELECT x.* FROM ${p}agent x WHERE x.tenant = k.tenant AND x.id = k.id FOR NO KEY UPDATE) a
            """;

    /** A key that another transaction is inserting is waited for, and only then known as taken or free. */
    private static final String INSERT_ONCE_KEYS = """
            INSERT INTO ${p}dedupe (
                tenant, kind, once_key, fingerprint, conversation, message_seq, state_after, created_at)
            SELECT k.*, clock_timestamp()
            FROM unnest(:tenant, :kind, :once_key, :fingerprint, :conversation, :message_seq, :state_after) AS k (
                tenant, kind, once_key, fingerprint, conversation, message_seq, state_after)
            ORDER BY k.tenant, k.kind, k.once_key
            ON CONFLICT DO NOTHING
            RETURNING tenant AS once_tenant, kind, once_key
            """;

    private static final String LOCK_BOT_ROWS = """
            SELECT o.tenant, o.conversation, o.seq, o.channel, o.state, o.error, o.provider_id
            FROM (SELECT * FROM unnest(:tenant, :id) AS u (tenant, id) ORDER BY u.tenant, u.id) k
            CROSS JOIN LATERAL (
                SELECT x.* FROM ${p}outbox x
                WHERE x.tenant = k.tenant AND x.conversation = k.id AND x.owner = 'BOT'
                    AND x.state IN ('QUEUED', 'DISPATCHING', 'UNKNOWN')
                ORDER BY x.seq
                FOR UPDATE) o
            """;

    /** All inserts in one round trip. Pending ids are drawn in the order of the events, which is the feed's. */
    private static final String APPEND = """
            WITH said AS (
                INSERT INTO ${p}message (
                    tenant, conversation, seq, owner, agent_id, direction, body, media, template, fields,
                    provider_id, delivery, error, epoch, created_at)
                SELECT * FROM unnest(
                    :m_tenant, :m_conversation, :m_seq, :m_owner, :m_agent_id, :m_direction, :m_body, :m_media,
                    :m_template, :m_fields, :m_provider_id, :m_delivery, :m_error, :m_epoch, :m_created_at)),
            happened AS MATERIALIZED (
                SELECT * FROM unnest(
                    :e_tenant, :e_conversation, :e_seq, :e_event_type, :e_actor, :e_happened_at, :e_data)
                    WITH ORDINALITY AS e (
                        tenant, conversation, seq, event_type, actor, happened_at, data, place)),
            recorded AS (
                INSERT INTO ${p}event (tenant, conversation, seq, event_type, actor, happened_at, data)
                SELECT tenant, conversation, seq, event_type, actor, happened_at, data
                FROM happened WHERE seq IS NOT NULL),
            told AS (
                INSERT INTO ${p}feed_pending (tenant, conversation, seq, event_type, actor, happened_at, data)
                SELECT tenant, conversation, seq, event_type, actor, happened_at, data FROM happened ORDER BY place)
            INSERT INTO ${p}outbox (
                tenant, conversation, seq, channel, inbox, customer, owner, epoch, state, error, queued_at, due_at)
            SELECT q.*, clock_timestamp(), clock_timestamp()
            FROM unnest(
                :q_tenant, :q_conversation, :q_seq, :q_channel, :q_inbox, :q_customer, :q_owner, :q_epoch, :q_state,
                :q_error) AS q
            """;

    PostgresCommitSteps(Sql sql) {
        super(sql);
    }

    @Override
    Map<ConversationId, Long> lockFree(Handle handle, Collection<ConversationId> ids) {
        Map<ConversationId, Long> versions = new HashMap<>();
        sql.bindArrays(sql.query(handle, LOCK_FREE), "", CONVERSATION, List.copyOf(ids))
                .map((row, context) -> versions.put(
                        new ConversationId(Columns.text(row, "tenant"), Columns.uuid(row, "id")),
                        row.getLong("version")))
                .list();
        return versions;
    }

    @Override
    boolean[] update(Handle handle, List<ChangeSet> changes) {
        if (changes.size() < 2) {
            return super.update(handle, changes);
        }
        Sql.execute(handle, BY_KEYS);
        Set<ConversationId> written = ids(sql.bindArrays(sql.query(handle, UPDATE_MANY), "", UPDATE_SHAPE, changes));
        boolean[] answers = new boolean[changes.size()];
        for (int i = 0; i < answers.length; i++) {
            answers[i] = written.contains(changes.get(i).next().id());
        }
        return answers;
    }

    private static Set<ConversationId> ids(Query query) {
        return Set.copyOf(
                query.map((row, context) -> new ConversationId(Columns.text(row, "tenant"), Columns.uuid(row, "id")))
                        .list());
    }

    @Override
    Set<ConversationId> insertNew(Handle handle, List<Conversation> conversations) {
        return ids(sql.bindArrays(sql.query(handle, INSERT_NEW), "", ConversationRows.SHAPE, conversations));
    }

    @Override
    void insertUnknownAgents(Handle handle, List<Agent> agents) {
        sql.bindArrays(sql.update(handle, INSERT_AGENTS), "", NEW_AGENT, agents).execute();
    }

    @Override
    Map<AgentName, AgentLoad> lockAgents(Handle handle, Collection<AgentName> names) {
        Map<AgentName, AgentLoad> locked = new HashMap<>();
        sql.bindArrays(sql.query(handle, LOCK_AGENTS), "", AGENT, List.copyOf(names))
                .map((row, context) -> AgentLoad.read(row))
                .forEach(agent -> locked.put(new AgentName(agent.tenant(), agent.id()), agent));
        return locked;
    }

    @Override
    Set<OnceRows.Name> insertOnceKeys(Handle handle, List<ChangeSet> changes) {
        return new HashSet<>(sql.bindArrays(sql.query(handle, INSERT_ONCE_KEYS), "", OnceRows.SHAPE, changes)
                .map((row, context) -> OnceRows.Name.read(row))
                .list());
    }

    @Override
    List<OpenBotRow> lockOpenBotRows(Handle handle, Collection<ConversationId> ids) {
        return sql.bindArrays(sql.query(handle, LOCK_BOT_ROWS), "", CONVERSATION, List.copyOf(ids))
                .map((row, context) -> OpenBotRow.read(row))
                .list();
    }

    @Override
    void append(Handle handle, List<Message> messages, List<Event> events, List<Queued> queued) {
        var statement = sql.update(handle, APPEND);
        sql.bindArrays(statement, "m_", MessageRows.SHAPE, messages);
        sql.bindArrays(statement, "e_", EventRows.SHAPE, events);
        sql.bindArrays(statement, "q_", QUEUED, queued);
        statement.execute();
    }
}
