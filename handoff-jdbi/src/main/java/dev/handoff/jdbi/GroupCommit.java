package dev.handoff.jdbi;

import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Event;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.LoadChange;
import dev.handoff.store.OnceKey;
import dev.handoff.store.Prior;
import dev.handoff.store.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits change sets, many in one transaction where that is possible.
 *
 * <p>A group locks its conversations with SKIP LOCKED, so it never waits for one that somebody else is changing: those
 * are stragglers, and go alone afterwards. Only this first step drops a member and lets the others go on, for nothing of
 * it has been written. Whatever refuses a member later (open key, capacity, once-key) rolls the whole group back, and it
 * runs again without that member: had it been dropped there and then, what it wrote before would have been committed with
 * its neighbours.
 *
 * <p>All callers of a group wait for its end, so neither it nor its stragglers wait for a lock any longer than
 * {@link Transactions#BRIEFLY}: who is locked out for longer, by a host's long transaction, is told that it is busy, and
 * may wait by itself.
 */
final class GroupCommit {
    private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);

    /** Beyond this, a longer group gains nothing, and holds its locks for longer. */
    private static final int LARGEST_GROUP = 128;

    /** How often a group may lose a race before its members go alone. */
    private static final int LOST_RACES = 1;

    /** Refuses members after something was written: the transaction is rolled back by it. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial")
        private final Map<ChangeSet, CommitResult> members;

        Refused(Map<ChangeSet, CommitResult> members) {
            super("refused: " + members.values(), null, false, false);
            this.members = members;
        }

        Map<ChangeSet, CommitResult> members() {
            return members;
        }
    }

    private final Transactions transactions;
    private final CommitSteps steps;
    private final OnceRows onceRows;
    private final int largestGroup;

    GroupCommit(Transactions transactions, Sql sql) {
        this.transactions = transactions;
        this.steps = CommitSteps.on(sql);
        this.onceRows = new OnceRows(sql);
        // The host's transaction cannot be rolled back and run again: there, each change set is written alone.
        this.largestGroup = transactions instanceof HostHandle ? 1 : LARGEST_GROUP;
    }

    /** Members of one call, with their answers as they come in. */
    private static final class Answers {
        final List<ChangeSet> changes;
        final Map<ChangeSet, CommitResult> results = new IdentityHashMap<>();

        Answers(List<ChangeSet> changes) {
            this.changes = changes;
        }

        List<CommitResult> inOrder() {
            return changes.stream()
                    .map(change -> Objects.requireNonNull(results.get(change)))
                    .toList();
        }
    }

    /** What became of a group that was committed. */
    private record Done(Map<ChangeSet, CommitResult> results, List<ChangeSet> stragglers) {}

    List<CommitResult> commit(List<ChangeSet> changes) {
        Answers answers = new Answers(changes);
        for (List<ChangeSet> group : groups(changes)) {
            commitGroup(group, answers);
        }
        return answers.inOrder();
    }

    private void commitGroup(List<ChangeSet> group, Answers answers) {
        List<ChangeSet> together = new ArrayList<>(group);
        List<ChangeSet> alone = new ArrayList<>();
        int lost = 0;
        while (together.size() > 1) {
            try {
                List<ChangeSet> members = List.copyOf(together);
                Done done = transactions.tryInTransaction(Transactions.BRIEFLY, handle -> attempt(handle, members));
                answers.results.putAll(explained(done.results()));
                alone.addAll(done.stragglers());
                together.clear();
            } catch (Refused refused) {
                answers.results.putAll(explained(refused.members()));
                together.removeIf(refused.members()::containsKey);
            } catch (Failures.LostRace race) {
                if (++lost > LOST_RACES) {
                    break;
                }
            } catch (StoreUnavailableException unavailable) {
                throw unavailable;
            } catch (RuntimeException failure) {
                // One of them cannot be stored at all; alone, the others can.
                log.warn("A group of {} change sets failed, and is committed one by one", together.size(), failure);
                break;
            }
        }
        alone.addAll(together);
        RuntimeException first = null;
        Duration patience = Transactions.BRIEFLY;
        for (ChangeSet change : alone) {
            try {
                Done done = transactions.tryInTransaction(patience, handle -> attempt(handle, List.of(change)));
                answers.results.putAll(explained(done.results()));
            } catch (Refused refused) {
                answers.results.putAll(explained(refused.members()));
            } catch (Failures.LostRace locked) {
                log.debug(
                        "Change set {} of {} is locked out",
                        change.id(),
                        change.next().id(),
                        locked);
                answers.results.putAll(explained(identity(Map.of(change, new CommitResult.Busy()))));
                // They are many perhaps, behind one lock; the callers' patience is one.
                patience = Transactions.HARDLY;
            } catch (RuntimeException failure) {
                log.warn(
                        "Change set {} of {} failed", change.id(), change.next().id(), failure);
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
                if (failure instanceof StoreUnavailableException) {
                    // The others would each wait as long to hear the same.
                    break;
                }
            }
        }
        if (first != null) {
            // Those before it are committed. Who submits them again is told AlreadyDone, by their once-keys.
            throw first;
        }
    }

    /** Waits for locks as long as the host has set, and tries as often as a transaction is tried. */
    CommitResult commitPatiently(ChangeSet change) {
        Map<ChangeSet, CommitResult> results;
        try {
            results = transactions
                    .inTransaction(handle -> attempt(handle, List.of(change)))
                    .results();
        } catch (Refused refused) {
            results = refused.members();
        }
        return Objects.requireNonNull(explained(results).get(change));
    }

    /**
     * Puts the once-key before every other refusal: a change set that lost its race may have lost it to itself, when the
     * answer to its COMMIT was lost.
     */
    private Map<ChangeSet, CommitResult> explained(Map<ChangeSet, CommitResult> results) {
        Map<ChangeSet, CommitResult> explained = identity(results);
        List<OnceKey> keys = new ArrayList<>();
        results.forEach((change, result) -> {
            if (!(result instanceof CommitResult.Committed) && change.once() != null) {
                keys.add(change.once());
            }
        });
        if (keys.isEmpty()) {
            return explained;
        }
        Map<OnceRows.Name, Prior> priors = transactions.autocommit(handle -> onceRows.find(handle, keys));
        explained.replaceAll((change, result) -> {
            if (result instanceof CommitResult.Committed || change.once() == null) {
                return result;
            }
            Prior prior = priors.get(OnceRows.Name.of(change.once()));
            return prior == null ? result : new CommitResult.AlreadyDone(prior);
        });
        return explained;
    }

    private Done attempt(Handle handle, List<ChangeSet> members) {
        Map<ChangeSet, CommitResult> results = identity(Map.of());
        List<ChangeSet> stragglers = new ArrayList<>();
        List<ChangeSet> current = new ArrayList<>();
        List<ChangeSet> fresh = new ArrayList<>();
        for (ChangeSet change : members) {
            (change.expectedVersion() == 0 ? fresh : current).add(change);
        }
        if (members.size() > 1 && !current.isEmpty()) {
            lockAndCompare(handle, current, results, stragglers);
        }
        write(handle, current, fresh, results);
        return new Done(results, stragglers);
    }

    /** The one step that may drop members: nothing of them has been written yet. Leaves the others in {@code current}. */
    private void lockAndCompare(
            Handle handle, List<ChangeSet> current, Map<ChangeSet, CommitResult> results, List<ChangeSet> stragglers) {
        List<ConversationId> ids =
                current.stream().map(change -> change.next().id()).toList();
        Map<ConversationId, Long> versions = steps.lockFree(handle, ids);
        current.removeIf(change -> {
            Long version = versions.get(change.next().id());
            if (version == null) {
                stragglers.add(change);
                return true;
            }
            if (version != change.expectedVersion()) {
                results.put(change, new CommitResult.Conflict());
                return true;
            }
            return false;
        });
    }

    /**
     * Writes change sets whose conversations this transaction has locked, or that come alone and lock by the comparison
     * itself. All of them, or by {@link Refused} none.
     */
    void write(Handle handle, List<ChangeSet> current, List<ChangeSet> fresh, Map<ChangeSet, CommitResult> results) {
        boolean[] written = steps.update(handle, current);
        List<ChangeSet> kept = new ArrayList<>(fresh);
        for (int i = 0; i < written.length; i++) {
            ChangeSet change = current.get(i);
            if (written[i]) {
                kept.add(change);
            } else {
                results.put(change, new CommitResult.Conflict());
            }
        }
        if (kept.isEmpty()) {
            return;
        }
        open(handle, fresh);
        List<ChangeSet> inOrder = changeLoads(handle, kept);
        remember(handle, kept);
        Map<ConversationId, List<MessageId>> inFlight = new HashMap<>();
        List<Event> events = new ArrayList<>(fence(handle, kept, inFlight));
        append(handle, inOrder, events);
        for (ChangeSet change : kept) {
            List<MessageId> begun = inFlight.getOrDefault(change.next().id(), List.of());
            if (!begun.isEmpty() && change.once() != null) {
                steps.rememberInFlight(handle, change, begun);
            }
            results.put(change, new CommitResult.Committed(begun));
        }
    }

    private void open(Handle handle, List<ChangeSet> fresh) {
        if (fresh.isEmpty()) {
            return;
        }
        Set<ConversationId> opened =
                steps.insertNew(handle, fresh.stream().map(ChangeSet::next).toList());
        refuse(fresh, change -> opened.contains(change.next().id()) ? null : new CommitResult.Conflict());
    }

    /** Changes what agents hold, under the locks of their rows; in the order in which each of the changes finds room. */
    private List<ChangeSet> changeLoads(Handle handle, List<ChangeSet> changes) {
        Map<CommitSteps.AgentName, Agent> takers = new LinkedHashMap<>();
        Set<CommitSteps.AgentName> names = new HashSet<>();
        for (ChangeSet change : changes) {
            for (LoadChange load : change.loads()) {
                CommitSteps.AgentName name = AgentLoads.name(change, load);
                names.add(name);
                if (load instanceof LoadChange.Take take) {
                    takers.putIfAbsent(name, take.agent());
                }
            }
        }
        if (names.isEmpty()) {
            return changes;
        }
        if (!takers.isEmpty()) {
            steps.insertUnknownAgents(handle, List.copyOf(takers.values()));
        }
        AgentLoads loads = new AgentLoads(steps.lockAgents(handle, names));
        List<ChangeSet> inOrder = loads.oneAfterTheOther(changes);
        refuse(changes, loads.refused()::get);
        steps.setLoads(handle, loads.changed());
        return inOrder;
    }

    private void remember(Handle handle, List<ChangeSet> changes) {
        List<ChangeSet> keyed =
                changes.stream().filter(change -> change.once() != null).toList();
        if (keyed.isEmpty()) {
            return;
        }
        Set<OnceRows.Name> inserted = steps.insertOnceKeys(handle, keyed);
        refuse(
                keyed,
                change -> inserted.contains(OnceRows.Name.of(Objects.requireNonNull(change.once())))
                        ? null
                        : new CommitResult.Conflict());
    }

    /**
     * Fences the bot's messages where control has changed. The conversation is ours, so nobody queues another; a worker
     * that is giving one its permit holds its row, and is waited for: it is in flight then. A worker that comes later
     * finds the row fenced. The order in which the two commit is the order that decides.
     *
     * @return the events that tell of what was suppressed
     */
    private List<Event> fence(Handle handle, List<ChangeSet> changes, Map<ConversationId, List<MessageId>> inFlight) {
        Map<ConversationId, Conversation> changed = new HashMap<>();
        for (ChangeSet change : changes) {
            if (change.controlChanged() && change.expectedVersion() > 0) {
                changed.put(change.next().id(), change.next());
            }
        }
        if (changed.isEmpty()) {
            return List.of();
        }
        List<CommitSteps.OpenBotRow> rows = steps.lockOpenBotRows(handle, changed.keySet());
        List<Event> events = new ArrayList<>();
        for (CommitSteps.OpenBotRow row : rows) {
            ConversationId id = row.id().conversation();
            if (row.state() != OutboxState.QUEUED) {
                inFlight.computeIfAbsent(id, none -> new ArrayList<>()).add(row.id());
                continue;
            }
            events.add(EventRows.deliveryUpdated(
                    row.id(),
                    MessageOwner.BOT.name(),
                    Delivery.SUPPRESSED,
                    row.error(),
                    row.providerId(),
                    new Actor.Provider(row.channel()),
                    Objects.requireNonNull(changed.get(id)).updatedAt()));
        }
        steps.fence(handle, rows);
        return events;
    }

    private void append(Handle handle, List<ChangeSet> changes, List<Event> events) {
        List<Message> messages = new ArrayList<>();
        List<CommitSteps.Queued> queued = new ArrayList<>();
        for (ChangeSet change : changes) {
            messages.addAll(change.messages());
            events.addAll(change.events());
            change.messages().stream()
                    .filter(CommitSteps::isForOutbox)
                    .forEach(message -> queued.add(new CommitSteps.Queued(change.next(), message)));
        }
        if (!messages.isEmpty() || !events.isEmpty()) {
            steps.append(handle, messages, events, queued);
        }
    }

    /** Says for each change set why it is refused, or null. */
    private interface Verdict {
        @Nullable
        CommitResult of(ChangeSet change);
    }

    private static void refuse(List<ChangeSet> changes, Verdict verdict) {
        Map<ChangeSet, CommitResult> refused = identity(Map.of());
        for (ChangeSet change : changes) {
            CommitResult why = verdict.of(change);
            if (why != null) {
                refused.put(change, why);
            }
        }
        if (!refused.isEmpty()) {
            throw new Refused(refused);
        }
    }

    /** A list of change sets as groups in which no two concern one conversation, address or once-key. */
    private List<List<ChangeSet>> groups(List<ChangeSet> changes) {
        List<List<ChangeSet>> groups = new ArrayList<>();
        List<ChangeSet> group = new ArrayList<>();
        Set<Object> taken = new HashSet<>();
        for (ChangeSet change : changes) {
            List<Object> claims = new ArrayList<>(
                    Arrays.asList(change.next().id(), change.next().address()));
            if (change.once() != null) {
                claims.add(OnceRows.Name.of(change.once()));
            }
            if (group.size() == largestGroup || claims.stream().anyMatch(taken::contains)) {
                groups.add(group);
                group = new ArrayList<>();
                taken.clear();
            }
            taken.addAll(claims);
            group.add(change);
        }
        groups.add(group);
        return groups;
    }

    /** By identity: two equal change sets in one call have an answer each. */
    private static Map<ChangeSet, CommitResult> identity(Map<ChangeSet, CommitResult> entries) {
        return new IdentityHashMap<>(entries);
    }
}
