package dev.handoff.jdbi;

import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.AgentState;
import dev.handoff.model.Availability;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The agents. Their loads change in commits alone. */
final class RosterTable {
    private static final String FIND = """
            SELECT a.tenant, a.id, a.role, a.capacity, a.availability, a.load
            FROM ${p}agent a WHERE a.tenant = :tenant AND a.id = :id
            """;
    private static final String LOCK = FIND.strip() + " FOR UPDATE";

    private static final String CHANGE =
            "UPDATE ${p}agent SET role = :role, capacity = :capacity WHERE tenant = :tenant AND id = :id";

    private static final String SET_AVAILABILITY =
            "UPDATE ${p}agent SET availability = :availability WHERE tenant = :tenant AND id = :id";

    private final Transactions transactions;
    private final Sql sql;
    private final CommitSteps steps;

    RosterTable(Transactions transactions, Sql sql) {
        this.transactions = transactions;
        this.sql = sql;
        this.steps = CommitSteps.on(sql);
    }

    Optional<AgentState> find(Handle handle, String tenant, String id) {
        return read(handle, FIND, tenant, id);
    }

    void register(Agent agent) {
        transactions.inTransaction(handle -> {
            steps.insertUnknownAgents(handle, List.of(agent));
            return sql.bind(sql.update(handle, CHANGE), CommitSteps.NEW_AGENT, agent)
                    .execute();
        });
    }

    void setAvailability(String tenant, String id, Availability availability) {
        transactions.inTransaction(handle -> {
            AgentState known = read(handle, LOCK, tenant, id)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "agent " + id + " of tenant " + tenant + " is not known; register the agent first"));
            if (known.availability() != availability) {
                var update = sql.bind(
                        sql.update(handle, SET_AVAILABILITY), CommitSteps.AGENT, new CommitSteps.AgentName(tenant, id));
                Sql.text(update, "availability", availability.name()).execute();
                Event event = new Event(
                        tenant,
                        null,
                        null,
                        EventType.AGENT_AVAILABILITY,
                        known.agent().asActor().toString(),
                        sql.now(handle),
                        Map.of("agentId", id, "availability", availability.name()));
                sql.batch(handle, EventRows.INSERT_PENDING, EventRows.SHAPE, List.of(event));
            }
            return availability;
        });
    }

    private Optional<AgentState> read(Handle handle, String query, String tenant, String id) {
        return sql.bind(sql.query(handle, query), CommitSteps.AGENT, new CommitSteps.AgentName(tenant, id))
                .map((row, context) -> agent(row))
                .findOne();
    }

    private static AgentState agent(ResultSet row) throws SQLException {
        return new AgentState(
                new Agent(
                        Columns.text(row, "tenant"),
                        Columns.text(row, "id"),
                        AgentRole.valueOf(Columns.text(row, "role")),
                        Columns.integerOrNull(row, "capacity")),
                Availability.valueOf(Columns.text(row, "availability")),
                row.getInt("load"));
    }
}
