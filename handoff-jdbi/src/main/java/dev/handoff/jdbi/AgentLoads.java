package dev.handoff.jdbi;

import dev.handoff.jdbi.CommitSteps.AgentLoad;
import dev.handoff.jdbi.CommitSteps.AgentName;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.LoadChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the members of a group do to agents' loads, under the locks of the agents' rows, as if one came after the other: the
 * order is one in which each finds room, and it is the order in which the feed tells them, so that who counts along never
 * finds an agent above the capacity (I9). Two full agents who pass each other a conversation in one group are both
 * refused, as they would be alone. Counting conversations in place of keeping a load let two transactions that cannot see
 * each other both take the last place.
 */
final class AgentLoads {
    private final Map<AgentName, AgentLoad> locked;
    private final Map<AgentName, Integer> loads = new HashMap<>();
    private final Map<ChangeSet, CommitResult> refused = new IdentityHashMap<>();

    /** Of agents whose rows this transaction has locked. */
    AgentLoads(Map<AgentName, AgentLoad> locked) {
        this.locked = locked;
        locked.forEach((name, agent) -> loads.put(name, agent.load()));
    }

    static AgentName name(ChangeSet change, LoadChange load) {
        return new AgentName(change.next().id().tenant(), load.agentId());
    }

    /** Those that find room, in the order in which they do: as they came, but for those that wait for others. */
    List<ChangeSet> oneAfterTheOther(List<ChangeSet> changes) {
        List<ChangeSet> inOrder = new ArrayList<>();
        List<ChangeSet> waiting = new ArrayList<>(changes);
        boolean progress = true;
        while (progress && !waiting.isEmpty()) {
            progress = false;
            for (Iterator<ChangeSet> each = waiting.iterator(); each.hasNext(); ) {
                ChangeSet change = each.next();
                Map<AgentName, Integer> sums = sums(change);
                if (refusal(sums) == null) {
                    sums.forEach((name, sum) -> loads.computeIfPresent(name, (key, load) -> Math.max(0, load + sum)));
                    inOrder.add(change);
                    each.remove();
                    progress = true;
                }
            }
        }
        for (ChangeSet change : waiting) {
            refused.put(change, Objects.requireNonNull(refusal(sums(change))));
        }
        return inOrder;
    }

    /** What has found no room, and whose. */
    Map<ChangeSet, CommitResult> refused() {
        return refused;
    }

    /** Rows to write. */
    List<AgentLoad> changed() {
        List<AgentLoad> changed = new ArrayList<>();
        locked.forEach((name, agent) -> {
            int load = loads.getOrDefault(name, agent.load());
            if (load != agent.load()) {
                changed.add(agent.with(load));
            }
        });
        return changed;
    }

    private CommitResult.@Nullable CapacityReached refusal(Map<AgentName, Integer> sums) {
        for (Map.Entry<AgentName, Integer> each : sums.entrySet()) {
            AgentLoad agent = locked.get(each.getKey());
            Integer capacity = agent == null ? null : agent.capacity();
            if (capacity != null
                    && each.getValue() > 0
                    && loads.getOrDefault(each.getKey(), 0) + each.getValue() > capacity) {
                return new CommitResult.CapacityReached(each.getKey().id(), capacity);
            }
        }
        return null;
    }

    private static Map<AgentName, Integer> sums(ChangeSet change) {
        Map<AgentName, Integer> sums = new LinkedHashMap<>();
        for (LoadChange load : change.loads()) {
            sums.merge(name(change, load), load instanceof LoadChange.Take ? 1 : -1, Integer::sum);
        }
        return sums;
    }
}
