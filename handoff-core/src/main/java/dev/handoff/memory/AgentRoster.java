package dev.handoff.memory;

import dev.handoff.model.Agent;
import dev.handoff.model.AgentState;
import dev.handoff.model.Availability;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.store.CommitResult.CapacityReached;
import dev.handoff.store.LoadChange;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The agents and their loads. Guarded by the store's lock. */
final class AgentRoster {

    private record Name(String tenant, String id) {}

    private final Map<Name, AgentState> agents = new HashMap<>();
    private final FeedLog feed;

    AgentRoster(FeedLog feed) {
        this.feed = feed;
    }

    @Nullable
    AgentState find(String tenant, String id) {
        return agents.get(new Name(tenant, id));
    }

    void register(Agent agent) {
        agents.merge(
                new Name(agent.tenant(), agent.id()),
                new AgentState(agent, Availability.AVAILABLE, 0),
                (known, fresh) -> new AgentState(agent, known.availability(), known.load()));
    }

    void setAvailability(String tenant, String id, Availability availability, Instant now) {
        AgentState known = agents.get(new Name(tenant, id));
        if (known == null) {
            throw new IllegalArgumentException(
                    "agent " + id + " of tenant " + tenant + " is not known; register the agent first");
        }
        if (known.availability() == availability) {
            return;
        }
        agents.put(new Name(tenant, id), new AgentState(known.agent(), availability, known.load()));
        feed.add(new Event(
                tenant,
                null,
                null,
                EventType.AGENT_AVAILABILITY,
                known.agent().asActor().toString(),
                now,
                Map.of("agentId", id, "availability", availability.name())));
    }

    /** The first agent whose capacity these changes would pass; null when all can be made. */
    @Nullable
    CapacityReached refusal(String tenant, List<LoadChange> changes) {
        Map<String, Agent> unknown = new HashMap<>();
        for (LoadChange change : changes) {
            if (change instanceof LoadChange.Take take) {
                unknown.put(take.agentId(), take.agent());
            }
        }
        for (Map.Entry<String, Integer> sum : sums(changes).entrySet()) {
            AgentState known = agents.get(new Name(tenant, sum.getKey()));
            Agent agent = known != null ? known.agent() : unknown.get(sum.getKey());
            int load = known != null ? known.load() : 0;
            if (sum.getValue() > 0
                    && agent != null
                    && agent.capacity() != null
                    && load + sum.getValue() > agent.capacity()) {
                return new CapacityReached(agent.id(), agent.capacity());
            }
        }
        return null;
    }

    void apply(String tenant, List<LoadChange> changes) {
        for (LoadChange change : changes) {
            if (change instanceof LoadChange.Take take) {
                agents.putIfAbsent(
                        new Name(tenant, take.agentId()), new AgentState(take.agent(), Availability.AVAILABLE, 0));
            }
        }
        sums(changes)
                .forEach((id, sum) -> agents.computeIfPresent(
                        new Name(tenant, id),
                        (name, known) ->
                                new AgentState(known.agent(), known.availability(), Math.max(0, known.load() + sum))));
    }

    private static Map<String, Integer> sums(List<LoadChange> changes) {
        Map<String, Integer> sums = new LinkedHashMap<>();
        for (LoadChange change : changes) {
            sums.merge(change.agentId(), change instanceof LoadChange.Take ? 1 : -1, Integer::sum);
        }
        return sums;
    }
}
