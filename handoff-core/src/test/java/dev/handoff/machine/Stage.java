package dev.handoff.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.InboundMessage;
import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.HandoffRequest;
import dev.handoff.model.Message;
import dev.handoff.policy.Deadlines;
import dev.handoff.policy.HandoffPolicies;
import dev.handoff.policy.HandoffPolicy;
import dev.handoff.policy.Notices;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One conversation and the machine alone: what is done to it, and what it came to. No store, no clock, no threads. */
final class Stage {
    static final Instant NOON = Instant.parse("2030-01-15T12:00:00Z");
    static final ConversationAddress MARIA = new ConversationAddress("acme", "fake", "inbox", "maria");
    static final Agent ANA = new Agent("acme", "ana", AgentRole.AGENT, 5);
    static final Agent BIA = new Agent("acme", "bia", AgentRole.AGENT, 5);
    static final Agent SUE = new Agent("acme", "sue", AgentRole.SUPERVISOR, null);
    static final Agent ADA = new Agent("acme", "ada", AgentRole.ADMIN, null);
    static final Actor HOST = new Actor.Host();
    static final int LONGEST_TEXT = 100;
    static final Deadlines DEADLINES = Deadlines.defaults();

    private static final HandoffPolicy ASKS = HandoffPolicies.customerAsksForHuman();

    final ConversationStateMachine machine;
    final List<Event> allEvents = new ArrayList<>();
    final List<Message> allMessages = new ArrayList<>();
    Instant now = NOON;
    private @Nullable Conversation conversation;
    private Decision.@Nullable Accepted last;
    private int provided;

    Stage(HandoffPolicy policy, Deadlines deadlines, Notices notices) {
        machine = new ConversationStateMachine(
                policy, deadlines, notices, channel -> LONGEST_TEXT, address -> Optional.empty());
    }

    /** The defaults; a customer who says "humano" is handed over. */
    Stage() {
        this(ASKS, DEADLINES, Notices.portuguese());
    }

    Stage(Deadlines deadlines) {
        this(ASKS, deadlines, Notices.portuguese());
    }

    Stage(HandoffPolicy policy) {
        this(policy, DEADLINES, Notices.portuguese());
    }

    /** Brings a fresh conversation to a state; where an agent holds it, that is Ana. */
    Stage reach(State state) {
        if (state == State.PENDING) {
            return keep(machine.open(id(), null, MARIA, null, now));
        }
        begin("oi");
        switch (state) {
            case WAITING_AGENT -> does(asksForHuman());
            case ASSIGNED -> does(new Command.TakeOver(ANA));
            case AGENT_CLOSED -> does(new Command.TakeOver(ANA)).does(new Command.Close(ANA.asActor(), "solved"));
            case USER_CLOSED -> does(new Command.End(HOST, false, "thanks"));
            case FAILED -> does(new Command.End(HOST, true, "broken"));
            case EXPIRED -> passes(DEADLINES.customerSilent()).does(new Command.DeadlinePasses());
            default -> assertThat(state).isEqualTo(State.PROGRESS);
        }
        assertThat(state()).isEqualTo(state);
        return this;
    }

    Stage begin(String text) {
        return keep(machine.begin(id(), null, written(text), now));
    }

    Stage passes(Duration time) {
        now = now.plus(time);
        return this;
    }

    /** Decides, and keeps nothing. */
    Decision tries(Command command) {
        return machine.decide(conversation(), command, null, now);
    }

    /** Decides, and keeps what must have been accepted. */
    Stage does(Command command) {
        Decision decision = tries(command);
        assertThat(decision).as(command.label() + " in " + state()).isInstanceOf(Decision.Accepted.class);
        return keep((Decision.Accepted) decision);
    }

    Stage hears(String text) {
        return does(new Command.Receive(written(text)));
    }

    /** The bot answers all that it has been told, in the present epoch. */
    Stage botReplies(BotReply reply) {
        return does(botReply(reply));
    }

    Command.BotReplies botReply(BotReply reply) {
        return new Command.BotReplies(conversation().epoch(), conversation().inboundSeq(), reply);
    }

    Command.BotFails botFailure(boolean lastAttempt) {
        return new Command.BotFails(conversation().epoch(), conversation().inboundSeq(), "no model", lastAttempt);
    }

    static Command asksForHuman() {
        return new Command.RequestHandoff(HOST, new HandoffRequest("vip", "owes 3 euro", "sales", 7, null));
    }

    Stage keep(Decision.Accepted accepted) {
        last = accepted;
        conversation = accepted.next();
        allEvents.addAll(accepted.events());
        allMessages.addAll(accepted.messages());
        return this;
    }

    Conversation conversation() {
        if (conversation == null) {
            throw new IllegalStateException("nothing has begun yet");
        }
        return conversation;
    }

    State state() {
        return State.of(conversation());
    }

    /** What the last accepted command came to. */
    Decision.Accepted last() {
        if (last == null) {
            throw new IllegalStateException("nothing was accepted yet");
        }
        return last;
    }

    List<EventType> lastEvents() {
        return last().events().stream().map(Event::type).toList();
    }

    /** Who said what in the last accepted command: {@code SYSTEM: Vou chamar uma pessoa.} */
    List<String> lastSaid() {
        return last().messages().stream()
                .map(message -> message.owner() + ": " + message.content().text())
                .toList();
    }

    InboundMessage written(String text) {
        provided++;
        return new InboundMessage(MARIA, "in-" + provided, Content.text(text), "Maria", Map.of());
    }

    static ConversationId id() {
        return new ConversationId("acme", UUID.fromString("0194f0c2-0000-7000-8000-000000000001"));
    }
}
