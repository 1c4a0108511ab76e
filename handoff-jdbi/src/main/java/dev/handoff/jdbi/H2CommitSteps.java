package dev.handoff.jdbi;

import dev.handoff.model.Agent;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Event;
import dev.handoff.model.Message;
import dev.handoff.store.ChangeSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * A commit on H2: row by row, since a round trip costs nothing here, in an order that is Java's. That order is as good as
 * any, as nobody but this class takes these locks on H2.
 *
 * <p>Without {@code ON CONFLICT}, a taken key is an error; H2 undoes that statement only, so the transaction goes on. A
 * key that another transaction is inserting is waited for.
 */
final class H2CommitSteps extends CommitSteps {
    private static final Comparator<ConversationId> ORDER =
            Comparator.comparing(ConversationId::tenant).thenComparing(ConversationId::value);

    private static final String LOCK_FREE = """
            SELECT c.version FROM ${p}conversation c
            WHERE c.tenant = :tenant AND c.id = :id FOR UPDATE SKIP LOCKED
            """;

    private static final String INSERT_NEW = """
            INSERT INTO ${p}conversation (
                ${columns})
            VALUES (
                :tenant, :id, :address_key, :open_key, :channel, :inbox, :customer, :customer_name, :status,
                :handoff_at, :handoff_reason, :handoff_summary, :handoff_queue, :handoff_priority, :handoff_escalated,
                :agent_id, :hand_back_since, :hand_back_at, :hand_back_agent, :hand_back_reason, :hand_back_summary,
                :answered_seq, :bot_failures, :bot_turns, :epoch, :version, :last_seq, :event_seq, :inbound_seq,
                :last_inbound_at, :deadline_kind, :deadline_at, :warn_at, :window_warn_at, :due_at, :previous_id, :created_at,
                :updated_at, :closed_at)
            """.replace("${columns}", CONVERSATION_COLUMNS.strip());

    private static final String INSERT_AGENT = """
            INSERT INTO ${p}agent (tenant, id, role, capacity, availability, load)
            VALUES (:tenant, :id, :role, :capacity, 'AVAILABLE', 0)
            """;

    private static final String LOCK_AGENT = """
            SELECT a.tenant, a.id, a.capacity, a.load FROM ${p}agent a
            WHERE a.tenant = :tenant AND a.id = :id FOR UPDATE
            """;

    private static final String INSERT_ONCE_KEY = """
            INSERT INTO ${p}dedupe (
                tenant, kind, once_key, fingerprint, conversation, message_seq, state_after, created_at)
            VALUES (
                :tenant, :kind, :once_key, :fingerprint, :conversation, :message_seq, :state_after, :now)
            """;

    private static final String LOCK_BOT_ROWS = """
            SELECT o.tenant, o.conversation, o.seq, o.channel, o.state, o.error, o.provider_id FROM ${p}outbox o
            WHERE o.tenant = :tenant AND o.conversation = :id AND o.owner = 'BOT'
                AND o.state IN ('QUEUED', 'DISPATCHING', 'UNKNOWN')
            ORDER BY o.seq
            FOR UPDATE
            """;

    private static final String INSERT_MESSAGE = """
            INSERT INTO ${p}message (
                tenant, conversation, seq, owner, agent_id, direction, body, media, template, fields,
                provider_id, delivery, error, epoch, created_at)
            VALUES (
                :tenant, :conversation, :seq, :owner, :agent_id, :direction, :body, :media, :template, :fields,
                :provider_id, :delivery, :error, :epoch, :created_at)
            """;

    private static final String INSERT_EVENT = """
            INSERT INTO ${p}event (tenant, conversation, seq, event_type, actor, happened_at, data)
            VALUES (:tenant, :conversation, :seq, :event_type, :actor, :happened_at, :data)
            """;

    private static final String INSERT_OUTBOX = """
            INSERT INTO ${p}outbox (
                tenant, conversation, seq, channel, inbox, customer, owner, epoch, state, error, queued_at, due_at)
            VALUES (
                :tenant, :conversation, :seq, :channel, :inbox, :customer, :owner, :epoch, :state, :error, :now, :now)
            """;

    H2CommitSteps(Sql sql) {
        super(sql);
    }

    @Override
    Map<ConversationId, Long> lockFree(Handle handle, Collection<ConversationId> ids) {
        Map<ConversationId, Long> versions = new HashMap<>();
        for (ConversationId id : ids.stream().sorted(ORDER).toList()) {
            sql.bind(sql.query(handle, LOCK_FREE), CONVERSATION, id)
                    .map((row, context) -> row.getLong("version"))
                    .findOne()
                    .ifPresent(version -> versions.put(id, version));
        }
        return versions;
    }

    @Override
    Set<ConversationId> insertNew(Handle handle, List<Conversation> conversations) {
        Set<ConversationId> inserted = new HashSet<>();
        for (Conversation conversation : sorted(conversations, c -> c.id().tenant(), c -> BoundedKey.of(c.address()))) {
            if (inserted(handle, INSERT_NEW, ConversationRows.SHAPE, conversation)) {
                inserted.add(conversation.id());
            }
        }
        return inserted;
    }

    @Override
    void insertUnknownAgents(Handle handle, List<Agent> agents) {
        for (Agent agent : sorted(agents, Agent::tenant, Agent::id)) {
            if (lockAgent(handle, new AgentName(agent.tenant(), agent.id())).isEmpty()) {
                inserted(handle, INSERT_AGENT, NEW_AGENT, agent);
            }
        }
    }

    @Override
    Map<AgentName, AgentLoad> lockAgents(Handle handle, Collection<AgentName> names) {
        Map<AgentName, AgentLoad> locked = new HashMap<>();
        for (AgentName name : sorted(names, AgentName::tenant, AgentName::id)) {
            lockAgent(handle, name).forEach(agent -> locked.put(name, agent));
        }
        return locked;
    }

    private List<AgentLoad> lockAgent(Handle handle, AgentName name) {
        return sql.bind(sql.query(handle, LOCK_AGENT), AGENT, name)
                .map((row, context) -> AgentLoad.read(row))
                .list();
    }

    @Override
    Set<OnceRows.Name> insertOnceKeys(Handle handle, List<ChangeSet> changes) {
        Set<OnceRows.Name> inserted = new HashSet<>();
        for (ChangeSet change : sorted(changes, it -> name(it).tenant(), it -> name(it).key())) {
            if (inserted(handle, INSERT_ONCE_KEY, OnceRows.SHAPE, change)) {
                inserted.add(name(change));
            }
        }
        return inserted;
    }

    private static OnceRows.Name name(ChangeSet change) {
        return OnceRows.Name.of(Objects.requireNonNull(change.once()));
    }

    @Override
    List<OpenBotRow> lockOpenBotRows(Handle handle, Collection<ConversationId> ids) {
        List<OpenBotRow> rows = new ArrayList<>();
        for (ConversationId id : ids.stream().sorted(ORDER).toList()) {
            rows.addAll(sql.bind(sql.query(handle, LOCK_BOT_ROWS), CONVERSATION, id)
                    .map((row, context) -> OpenBotRow.read(row))
                    .list());
        }
        return rows;
    }

    @Override
    void append(Handle handle, List<Message> messages, List<Event> events, List<Queued> queued) {
        sql.batch(handle, INSERT_MESSAGE, MessageRows.SHAPE, messages);
        sql.batch(
                handle,
                INSERT_EVENT,
                EventRows.SHAPE,
                events.stream().filter(event -> event.seq() != null).toList());
        sql.batch(handle, EventRows.INSERT_PENDING, EventRows.SHAPE, events);
        sql.batch(handle, INSERT_OUTBOX, QUEUED, queued);
    }

    private <T> boolean inserted(Handle handle, String insert, Shape<T> shape, T row) {
        try {
            Sql.time(sql.bind(sql.update(handle, insert), shape, row), "now", sql.processNow())
                    .execute();
            return true;
        } catch (RuntimeException failure) {
            if (Failures.isDuplicate(failure)) {
                return false;
            }
            throw failure;
        }
    }

    /** By tenant first: two tenants may have a key in common, and no two commits may meet the two in another order. */
    private static <T> List<T> sorted(Collection<T> rows, Function<T, String> tenant, Function<T, String> key) {
        return rows.stream()
                .sorted(Comparator.comparing(tenant).thenComparing(key))
                .toList();
    }
}
