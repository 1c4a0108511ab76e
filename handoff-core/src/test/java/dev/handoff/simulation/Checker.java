package dev.handoff.simulation;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.machine.Command;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Replay;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Direction;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.Holder;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.Feed.FeedEntry;
import dev.handoff.store.LoadChange;
import dev.handoff.store.OnceKey;
import dev.handoff.store.Outbox.RetryDecision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds a recorded history against the invariants, in one pass. It knows what was committed, what the provider took and
 * what callers were told, and nothing of how the library came to it.
 */
final class Checker {
    private final Names names;
    private final Map<ConversationId, Talk> talks = new LinkedHashMap<>();
    private final Map<ConversationAddress, ConversationId> openAt = new HashMap<>();
    private final Map<String, Set<ConversationId>> heldBy = new HashMap<>();
    private final Map<String, Integer> capacities = new HashMap<>();
    private final Set<String> storedInbound = new HashSet<>();
    private final Set<String> saidByPeople = new HashSet<>();
    private final Set<String> acknowledged = new HashSet<>();
    private final Map<String, Conversation> effects = new HashMap<>();
    private final Map<String, CommandResult.Done> answers = new HashMap<>();
    private final Map<String, List<Event>> happened = new HashMap<>();
    private final Map<String, List<FeedEntry>> read = new HashMap<>();
    private final Map<Words, Copies> copies = new HashMap<>();
    private final List<Breach> breaches = new ArrayList<>();
    private int entry;

    /** One conversation as the commits tell of it. */
    private static final class Talk {
        Conversation now;
        final List<Event> events = new ArrayList<>();
        final Map<Long, Said> messages = new LinkedHashMap<>();
        final Set<MessageId> inFlight = new HashSet<>();
        final Map<Long, String> holders = new HashMap<>();
        long lastTaken;
        boolean ended;

        Talk(Conversation first) {
            now = first;
        }
    }

    /** One message as the commits and the provider tell of it. */
    private static final class Said {
        final Message message;
        int permits;
        int attempt;
        int taken;
        boolean hopeless;
        boolean givenUp;
        boolean late;
        boolean retriedByHand;

        Said(Message message) {
            this.message = message;
        }
    }

    /**
     * What one customer hears from one inbox. Messages that say the same cannot be told apart by a look-up, nor by the
     * customer: what counts is that each is heard as often as it was said. Where the outcomes of two were open at one
     * time, as happens only in two conversations that follow each other closely, one copy may stand for both.
     */
    private record Words(ConversationAddress address, Content content) {}

    private static final class Copies {
        int said;
        int taken;
        int excused;
        int sent;
        final Set<MessageId> open = new HashSet<>();
        boolean confusable;
    }

    Checker(Names names) {
        this.names = names;
    }

    static List<Breach> check(History history, Names names) {
        Checker checker = new Checker(names);
        for (History.Entry entry : history.entries()) {
            checker.take(entry.fact());
            checker.entry++;
        }
        checker.theEnd();
        return checker.breaches;
    }

    private void take(Fact fact) {
        if (fact instanceof Fact.Committed committed) {
            committed(committed.change(), committed.inFlight());
        } else if (fact instanceof Fact.Submitted submitted) {
            submitted(submitted.changes());
        } else if (fact instanceof Fact.TurnedDown refused) {
            hold(
                    "I1",
                    refused.before().equals(refused.after()),
                    () -> names.of(refused.change().next().id()) + " did not change hands, and its messages did: "
                            + refused.before() + " became " + refused.after());
        } else if (fact instanceof Fact.Permitted permitted) {
            permitted(permitted.message());
        } else if (fact instanceof Fact.Requested requested) {
            requested(requested.message(), requested.late());
        } else if (fact instanceof Fact.Accepted accepted) {
            accepted(accepted);
        } else if (fact instanceof Fact.Refused refused) {
            said(refused.message().id()).hopeless = true;
        } else if (fact instanceof Fact.Recorded recorded) {
            recorded(recorded);
        } else if (fact instanceof Fact.Reported reported) {
            if (reported.update().status() == DeliveryStatus.FAILED) {
                said(Objects.requireNonNull(reported.update().message())).hopeless = true;
            }
        } else if (fact instanceof Fact.Acknowledged webhook) {
            acknowledged.add(webhook.providerMessageId());
        } else if (fact instanceof Fact.Answered answered) {
            answered(answered);
        } else if (fact instanceof Fact.Retried retried) {
            if (retried.decision() == RetryDecision.QUEUED) {
                said(retried.id()).retriedByHand = true;
            }
        } else if (fact instanceof Fact.FeedRead page) {
            read.computeIfAbsent(page.reader() + page.tenant(), none -> new ArrayList<>())
                    .addAll(page.entries());
        } else if (fact instanceof Fact.Ended ended) {
            ended(ended);
        }
    }

    private void committed(ChangeSet change, List<MessageId> inFlight) {
        Conversation next = change.next();
        Talk talk = talks.get(next.id());
        Conversation before = talk == null ? null : talk.now;
        long version = before == null ? 0 : before.version();
        hold(
                "I2",
                version == change.expectedVersion(),
                () -> names.of(next.id()) + " was decided on version " + change.expectedVersion() + " and committed on "
                        + version);
        if (talk == null) {
            talk = new Talk(next);
            talks.put(next.id(), talk);
        }
        talk.now = next;
        inOneTenant(change);
        places(talk, before, change);
        control(before, change);
        hold(
                "I5",
                next.status().isOpen() == (next.deadline() != null),
                () -> names.of(next.id()) + " in " + next.status() + " has the deadline " + next.deadline());
        oneOpenConversation(next);
        capacity(change);
        for (Message message : change.messages()) {
            if (message.direction() == Direction.INBOUND) {
                hold(
                        "I3",
                        storedInbound.add(message.providerMessageId()),
                        () -> message.providerMessageId() + " was stored twice");
            } else if (message.direction() == Direction.OUTBOUND && message.owner() == MessageOwner.AGENT) {
                // Nobody here says the same twice, unless they give the same command again.
                hold(
                        "I11",
                        saidByPeople.add(String.valueOf(message.content().text())),
                        () -> "“" + message.content().text() + "” was answered twice");
            }
        }
        if (change.controlChanged()) {
            talk.inFlight.addAll(inFlight);
        }
        if (change.once() != null) {
            effects.put(nameOf(change.once()), next);
        }
        happened.computeIfAbsent(next.id().tenant(), none -> new ArrayList<>()).addAll(change.events());
    }

    /** What the store is promised of a group. */
    private void submitted(List<ChangeSet> changes) {
        Set<Object> concerned = new HashSet<>();
        for (ChangeSet change : changes) {
            Conversation next = change.next();
            boolean once = change.once() == null || concerned.add(change.once());
            boolean conversation = concerned.add(next.id());
            boolean address = concerned.add(next.address());
            hold(
                    "I2",
                    once && conversation && address,
                    () -> names.of(next.id()) + " is in one group twice, by itself, its address or its once-key");
        }
    }

    private void inOneTenant(ChangeSet change) {
        String tenant = change.next().id().tenant();
        boolean within = change.next().address().tenant().equals(tenant)
                && change.messages().stream()
                        .allMatch(message ->
                                message.id().conversation().equals(change.next().id()))
                && change.events().stream().allMatch(event -> event.tenant().equals(tenant))
                && change.loads().stream()
                        .noneMatch(load -> load instanceof LoadChange.Take take
                                && !take.agent().tenant().equals(tenant));
        hold("I12", within, () -> "a change of " + names.of(change.next().id()) + " reaches into another tenant");
    }

    private void places(Talk talk, @Nullable Conversation before, ChangeSet change) {
        long seq = before == null ? 0 : before.lastSeq();
        for (Message message : change.messages()) {
            long expected = ++seq;
            hold("I6", message.id().seq() == expected, () -> names.of(message.id()) + " should be at " + expected);
            talk.messages.put(message.id().seq(), new Said(message));
            if (message.direction() == Direction.OUTBOUND) {
                copies(talk, message).said++;
            }
        }
        long place = before == null ? 0 : before.eventSeq();
        for (Event event : change.events()) {
            long expected = ++place;
            hold(
                    "I6",
                    Objects.equals(event.seq(), expected),
                    () -> names.of(change.next().id()) + " tells " + event.type() + " at " + event.seq() + ", not at "
                            + expected);
            talk.events.add(event);
        }
        long messages = seq;
        long events = place;
        hold(
                "I6",
                change.next().lastSeq() == messages && change.next().eventSeq() == events,
                () -> names.of(change.next().id()) + " counts its messages or events wrong");
    }

    private void control(@Nullable Conversation before, ChangeSet change) {
        Conversation next = change.next();
        long transitions = change.events().stream()
                .filter(event -> Replay.TRANSITIONS.contains(event.type()))
                .count();
        Holder holder = before == null ? new Holder.Bot() : before.holder();
        long epoch = before == null ? 1 : before.epoch();
        boolean changed = !holder.equals(next.holder());
        hold(
                "I1",
                next.epoch() == epoch + (changed ? 1 : 0),
                () -> names.of(next.id()) + " passed from " + holder + " to " + next.holder()
                        + " with the epoch going from " + epoch + " to " + next.epoch());
        hold(
                "I8",
                changed ? transitions == 1 : transitions <= 1,
                () -> names.of(next.id()) + " passed from " + holder + " to " + next.holder() + " with " + transitions
                        + " audit events");
        if (before != null) {
            hold(
                    "I1",
                    change.controlChanged() == changed,
                    () -> names.of(next.id()) + " changed hands without the store being told");
        }
    }

    private void oneOpenConversation(Conversation next) {
        if (next.status().isOpen()) {
            ConversationId there = openAt.put(next.address(), next.id());
            hold(
                    "I10",
                    there == null || there.equals(next.id()),
                    () -> "both " + names.of(there) + " and " + names.of(next.id()) + " are open at one address");
        } else {
            openAt.remove(next.address(), next.id());
        }
    }

    private void capacity(ChangeSet change) {
        Conversation next = change.next();
        heldBy.values().forEach(held -> held.remove(next.id()));
        for (LoadChange load : change.loads()) {
            if (load instanceof LoadChange.Take take && take.agent().role() == AgentRole.AGENT) {
                capacities.put(
                        next.id().tenant() + "/" + take.agentId(),
                        Objects.requireNonNull(take.agent().capacity()));
            }
        }
        if (next.holder() instanceof Holder.Agent agent) {
            String who = next.id().tenant() + "/" + agent.agentId();
            Set<ConversationId> held = heldBy.computeIfAbsent(who, none -> new HashSet<>());
            held.add(next.id());
            Integer most = capacities.get(who);
            hold("I9", most == null || held.size() <= most, () -> who + " holds " + held.size() + " of " + most);
        }
    }

    private void permitted(OutboundMessage message) {
        Talk talk = talk(message.id());
        Said said = said(message.id());
        said.permits++;
        said.attempt = message.attempt();
        hold(
                "I4",
                said.attempt <= said.permits,
                () -> names.of(message.id()) + " is said to be tried the " + message.attempt() + "th time, with "
                        + said.permits + " permits");
        Copies copies = copies(talk, said.message);
        copies.open.add(message.id());
        copies.confusable |= copies.open.size() > 1;
        if (message.owner() == MessageOwner.BOT) {
            hold(
                    "I1",
                    talk.now.epoch() == said.message.epoch(),
                    () -> names.of(message.id()) + " of the bot's epoch " + said.message.epoch()
                            + " got a permit in epoch " + talk.now.epoch());
        }
    }

    private void requested(OutboundMessage message, boolean late) {
        Talk talk = talk(message.id());
        Said said = said(message.id());
        hold("I1", said.permits > 0, () -> names.of(message.id()) + " was sent without a permit");
        if (message.owner() == MessageOwner.BOT && talk.now.epoch() != said.message.epoch() && !late) {
            hold(
                    "I1",
                    talk.inFlight.contains(message.id()),
                    () -> names.of(message.id()) + " of the bot's epoch " + said.message.epoch() + " was sent in epoch "
                            + talk.now.epoch() + " and not reported in flight");
        }
    }

    private void accepted(Fact.Accepted accepted) {
        MessageId id = accepted.message().id();
        Talk talk = talk(id);
        Said said = said(id);
        said.taken++;
        said.late |= accepted.late();
        boolean excused = said.late || said.retriedByHand;
        Copies copies = copies(talk, said.message);
        copies.taken++;
        copies.excused += excused ? 1 : 0;
        hold(
                "I4",
                copies.taken <= copies.said + copies.excused || copies.confusable,
                () -> names.of(id) + " was sent " + said.taken + " times");
        if (said.taken == 1 && !excused) {
            hold(
                    "I4",
                    id.seq() > talk.lastTaken,
                    () -> names.of(id) + " was sent after "
                            + names.of(new MessageId(id.conversation(), talk.lastTaken)));
            talk.lastTaken = id.seq();
        }
        hold("I1", said.message.delivery() != Delivery.SUPPRESSED, () -> names.of(id) + " was suppressed, and sent");
    }

    private void recorded(Fact.Recorded recorded) {
        AttemptResult.Verdict verdict = recorded.result().verdict();
        if (verdict instanceof AttemptResult.Verdict.Dead dead) {
            givenUp(recorded, dead);
        }
        boolean stillUnknown = verdict instanceof AttemptResult.Verdict.Unknown
                || verdict instanceof AttemptResult.Verdict.NotFound
                || verdict instanceof AttemptResult.Verdict.Unclear;
        if (!stillUnknown) {
            MessageId id = recorded.result().id();
            copies(talk(id), said(id).message).open.remove(id);
        }
    }

    /** No message is lost: what the provider may yet take is given up only when its attempts or its time are used up. */
    private void givenUp(Fact.Recorded recorded, AttemptResult.Verdict.Dead dead) {
        Said said = said(recorded.result().id());
        said.givenUp = true;
        Instant budgetEnds = said.message.createdAt().plus(World.OUTBOUND.timeBudget());
        hold(
                "I4",
                said.hopeless
                        || said.attempt >= World.OUTBOUND.maxAttempts()
                        || recorded.at().plus(World.OUTBOUND.retryCap()).isAfter(budgetEnds),
                () -> names.of(recorded.result().id()) + " is given up in attempt " + said.attempt + " of "
                        + World.OUTBOUND.maxAttempts() + ": " + dead.reason());
    }

    private void answered(Fact.Answered answered) {
        if (!(answered.result() instanceof CommandResult.Done done)) {
            return;
        }
        Talk talk = talks.get(answered.id());
        if (talk == null) {
            return;
        }
        Long onScreen = answered.guard().epoch();
        long epoch = done.conversation().epoch();
        hold(
                "I11",
                onScreen == null || epoch == onScreen || epoch == onScreen + 1,
                () -> "a command on epoch " + onScreen + " of " + names.of(answered.id()) + " was carried out in epoch "
                        + epoch);
        String commandId = answered.guard().commandId();
        if (commandId != null) {
            answeredUnder(OnceKey.command(answered.id(), commandId, ""), commandId, done);
        }
        if (answered.command() instanceof Command.AssignAgent || answered.command() instanceof Command.TakeOver) {
            String agent = done.conversation().agentId();
            String other = talk.holders.putIfAbsent(epoch, String.valueOf(agent));
            hold(
                    "I2",
                    other == null || other.equals(agent),
                    () -> agent + " and " + other + " were both given " + names.of(answered.id()) + " in epoch "
                            + epoch);
        }
    }

    /**
     * Whoever gives a command again is told what it came to when it was carried out. What changed nothing is remembered
     * nowhere and decided anew each time, until the command does change something.
     */
    private void answeredUnder(OnceKey key, String commandId, CommandResult.Done done) {
        String name = nameOf(key);
        Conversation effect = effects.get(name);
        if (effect == null || done.conversation().version() < effect.version()) {
            hold(
                    "I11",
                    done.message() == null,
                    () -> commandId + " is told of a message that nobody committed: " + done);
            return;
        }
        CommandResult.Done first = answers.putIfAbsent(name, done);
        hold(
                "I11",
                done.conversation().equals(effect) && (first == null || first.equals(done)),
                () -> commandId + " was answered twice, and differently: " + first + " and " + done);
    }

    private static String nameOf(OnceKey key) {
        return key.tenant() + " " + key.kind() + " " + key.key();
    }

    private void ended(Fact.Ended ended) {
        Conversation conversation = ended.conversation();
        Talk talk = talks.get(conversation.id());
        if (talk == null) {
            breach("I3", names.of(conversation.id()) + " is stored, and nobody committed it");
            return;
        }
        talk.ended = true;
        String name = names.of(conversation.id());
        hold(
                "I5",
                !conversation.status().isOpen(),
                () -> name + " is still " + conversation.status() + " when everybody has worked for hours");
        hold("I3", conversation.equals(talk.now), () -> name + " is " + conversation + ", but was left as " + talk.now);
        hold(
                "I3",
                ended.messages().size() == talk.messages.size(),
                () -> name + " has " + ended.messages().size() + " messages of " + talk.messages.size());
        hold("I8", ended.events().equals(talk.events), () -> name + " tells other events than were committed");
        replayed(ended, name);
        ended.messages().forEach(this::outcome);
    }

    private void replayed(Fact.Ended ended, String name) {
        try {
            Replay.Told told = Replay.of(ended.events());
            Replay.Told stored = Replay.stored(ended.conversation());
            hold("I8", told.equals(stored), () -> name + " is " + stored + ", but its events tell of " + told);
        } catch (IllegalStateException nonsense) {
            breach("I8", "the events of " + name + " make no sense: " + nonsense.getMessage());
        }
    }

    private void outcome(Message message) {
        if (message.direction() != Direction.OUTBOUND) {
            return;
        }
        Said said = said(message.id());
        Delivery delivery = message.delivery();
        String name = names.of(message.id());
        switch (Objects.requireNonNull(delivery)) {
            case QUEUED, DISPATCHING, UNKNOWN -> breach("I5", name + " is still " + delivery);
            case SENT, DELIVERED, READ -> {
                Copies copies = copies(talk(message.id()), message);
                copies.sent++;
                hold(
                        "I4",
                        copies.sent <= copies.taken || copies.confusable,
                        () -> name + " is " + delivery + ", but the provider never had it");
            }
            case SUPPRESSED -> {
                hold(
                        "I1",
                        message.owner() == MessageOwner.BOT,
                        () -> name + " of " + message.owner() + " was suppressed");
                hold(
                        "I1",
                        said.taken == 0 || said.late || said.retriedByHand,
                        () -> name + " is suppressed, but the provider has it");
            }
            case FAILED ->
                hold("I4", said.hopeless || said.givenUp, () -> name + " failed, and nobody has said that it must");
        }
    }

    private void theEnd() {
        for (String webhook : acknowledged) {
            hold("I3", storedInbound.contains(webhook), () -> webhook + " was acknowledged, and is not stored");
        }
        for (Talk talk : talks.values()) {
            hold("I3", talk.ended, () -> names.of(talk.now.id()) + " was committed, and is not stored");
        }
        for (Map.Entry<String, List<FeedEntry>> feed : read.entrySet()) {
            feed(feed.getKey().substring(1), feed.getValue());
        }
    }

    private void feed(String tenant, List<FeedEntry> entries) {
        long cursor = 0;
        Map<ConversationId, Long> places = new HashMap<>();
        Map<String, Delivery> deliveries = new HashMap<>();
        int told = 0;
        for (FeedEntry next : entries) {
            Event event = next.event();
            long after = cursor;
            hold("I6", next.cursor() > after, () -> "the feed went from " + after + " to " + next.cursor());
            cursor = next.cursor();
            hold("I12", event.tenant().equals(tenant), () -> "the feed of " + tenant + " tells of " + event.tenant());
            if (event.type() == EventType.DELIVERY_UPDATED) {
                climbs(event, deliveries);
            } else if (event.seq() != null && event.conversation() != null) {
                told++;
                long place = places.merge(event.conversation(), 1L, Long::sum);
                hold(
                        "I6",
                        event.seq() == place,
                        () -> "the feed tells event " + event.seq() + " of " + names.of(event.conversation())
                                + " at place " + place);
            }
        }
        int all = happened.getOrDefault(tenant, List.of()).size();
        int heard = told;
        hold("I6", heard == all, () -> "a reader of " + tenant + " heard " + heard + " events of " + all);
    }

    /** What has reached a phone has reached it; what the provider has taken is not queued again. */
    private void climbs(Event event, Map<String, Delivery> deliveries) {
        Delivery next = Delivery.valueOf(Objects.requireNonNull(event.data().get("delivery")));
        Delivery before = deliveries.put(event.data().get("messageId"), next);
        boolean climbs = before == null
                || switch (before) {
                    case READ -> false;
                    case DELIVERED -> next == Delivery.READ;
                    case SENT -> next == Delivery.DELIVERED || next == Delivery.READ || next == Delivery.FAILED;
                    default -> true;
                };
        hold("I7", climbs, () -> event.data().get("messageId") + " went from " + before + " to " + next);
    }

    private Copies copies(Talk talk, Message message) {
        return copies.computeIfAbsent(new Words(talk.now.address(), message.content()), none -> new Copies());
    }

    private Talk talk(MessageId id) {
        return Objects.requireNonNull(talks.get(id.conversation()), "a conversation that nobody has committed");
    }

    private Said said(MessageId id) {
        return Objects.requireNonNull(talk(id).messages.get(id.seq()), "a message that nobody has committed");
    }

    private void hold(String invariant, boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            breach(invariant, otherwise.get());
        }
    }

    private void breach(String invariant, String what) {
        breaches.add(new Breach(invariant, what, entry));
    }
}
