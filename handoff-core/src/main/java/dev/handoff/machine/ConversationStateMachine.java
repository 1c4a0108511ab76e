package dev.handoff.machine;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.InboundMessage;
import dev.handoff.channel.TextPieces;
import dev.handoff.machine.Decision.Rejected;
import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.BotState;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.Deadline;
import dev.handoff.model.EventType;
import dev.handoff.model.HandBack;
import dev.handoff.model.HandoffRequest;
import dev.handoff.model.HumanHandoff;
import dev.handoff.model.MessageOwner;
import dev.handoff.policy.DeadlineAction;
import dev.handoff.policy.Deadlines;
import dev.handoff.policy.HandoffPolicy;
import dev.handoff.policy.Notices;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Decides. A pure function of a conversation, a command and an instant: no I/O, no clock, no random. What is legal
 * where stands in {@link Legality}; what a command brings about stands here, one method a command.
 *
 * <p>Immutable and thread-safe.
 */
public final class ConversationStateMachine {
    private final HandoffPolicy policy;
    private final Deadlines deadlines;
    private final Notices notices;
    private final ToIntFunction<String> longestText;
    private final Function<ConversationAddress, Optional<Duration>> sessionWindow;

    /**
     * A machine with the host's rules. The policy is pure; see {@link HandoffPolicy}.
     *
     * @param longestText by a channel's name, how long a text of one message may be, in code points and 1 or more. What
     *     the bot and the library itself say is said in pieces of that length; what people say is refused by the channel
     *     instead, so that they can word it anew
     * @param sessionWindow how long after the customer's last message free text is taken there; empty where always
     */
    public ConversationStateMachine(
            HandoffPolicy policy,
            Deadlines deadlines,
            Notices notices,
            ToIntFunction<String> longestText,
            Function<ConversationAddress, Optional<Duration>> sessionWindow) {
        this.policy = policy;
        this.deadlines = deadlines;
        this.notices = notices;
        this.longestText = longestText;
        this.sessionWindow = sessionWindow;
    }

    /** The customer's first message opens a conversation and leaves it with the bot, or with the queue, in one commit. */
    public Decision.Accepted begin(
            ConversationId id, @Nullable ConversationId previous, InboundMessage message, Instant now) {
        Conversation unborn = unborn(id, message.address(), previous, ConversationStatus.PROGRESS, now);
        Draft draft = draft(unborn, new Actor.Customer(), now);
        draft.opened();
        receive(unborn, message, draft);
        return draft.accepted();
    }

    /**
     * The host opens a conversation before the customer has written.
     *
     * @param opening what the customer is told; null for nothing
     */
    public Decision.Accepted open(
            ConversationId id,
            @Nullable ConversationId previous,
            ConversationAddress address,
            @Nullable Content opening,
            Instant now) {
        Draft draft = draft(unborn(id, address, previous, ConversationStatus.PENDING, now), new Actor.Host(), now);
        draft.opened();
        if (opening != null) {
            draft.says(MessageOwner.SYSTEM, null, opening);
        }
        return draft.accepted();
    }

    /**
     * Decides on a command.
     *
     * @param epochOnScreen the epoch that the caller saw; null when they do not say. A stale one is refused (I11)
     */
    public Decision decide(Conversation conversation, Command command, @Nullable Long epochOnScreen, Instant now) {
        if (epochOnScreen != null && epochOnScreen != conversation.epoch()) {
            return new Rejected(new Rejection.StaleEpoch(epochOnScreen, conversation.epoch()));
        }
        State from = State.of(conversation);
        Optional<Legality.Row> row = Legality.row(from, command);
        if (row.isEmpty()) {
            return new Rejected(refusal(from, command));
        }
        Decision decision = carryOut(conversation, command, draft(conversation, command.actor(), now));
        if (decision instanceof Decision.Accepted accepted && !row.get().to().contains(State.of(accepted.next()))) {
            throw new IllegalStateException(command.label() + " led from " + from + " to " + State.of(accepted.next())
                    + ", which the table of legality does not allow");
        }
        return decision;
    }

    private Draft draft(Conversation before, Actor actor, Instant now) {
        return new Draft(before, actor, now, windowOf(before));
    }

    private SessionWindow windowOf(Conversation conversation) {
        return SessionWindow.of(sessionWindow.apply(conversation.address()), deadlines.windowWarning());
    }

    private Decision carryOut(Conversation conversation, Command command, Draft draft) {
        if (command instanceof Command.Receive receive) {
            return receive(conversation, receive.message(), draft);
        } else if (command instanceof Command.BotReplies replies) {
            return botReplies(conversation, replies, draft);
        } else if (command instanceof Command.BotFails fails) {
            return botFails(conversation, fails, draft);
        } else if (command instanceof Command.RequestHandoff wish) {
            return requestHandoff(conversation, wish, draft);
        } else if (command instanceof Command.AssignAgent assign) {
            return assign(conversation, assign, draft);
        } else if (command instanceof Command.TakeOver takeOver) {
            return takeOver(conversation, takeOver, draft);
        } else if (command instanceof Command.TransferToAgent transfer) {
            return transfer(conversation, transfer, draft);
        } else if (command instanceof Command.TransferToQueue transfer) {
            return transfer(conversation, transfer, draft);
        } else if (command instanceof Command.ReleaseToBot release) {
            return release(conversation, release, draft);
        } else if (command instanceof Command.Close close) {
            return close(conversation, close, draft);
        } else if (command instanceof Command.End end) {
            return end(conversation.handoff(), end.failed(), end.reason(), draft);
        } else if (command instanceof Command.AgentReplies reply) {
            return agentReplies(conversation, reply, draft);
        } else if (command instanceof Command.AddNote note) {
            return addNote(conversation, note, draft);
        } else if (command instanceof Command.DeadlinePasses) {
            return deadlinePasses(conversation, draft);
        }
        throw new IllegalStateException("no rule for " + command.label());
    }

    private Decision receive(Conversation conversation, InboundMessage message, Draft draft) {
        boolean botHolds = conversation.status() != ConversationStatus.HUMAN_HANDOFF;
        draft.received(message);
        if (botHolds) {
            draft.deadline(deadlines.from(Deadline.Kind.CUSTOMER_SILENT, draft.now()));
            policy.decide(new HandoffPolicy.CustomerWrote(conversation, message))
                    .ifPresent(request -> waitForAgent(request, draft));
        }
        return draft.accepted();
    }

    private Decision botReplies(Conversation conversation, Command.BotReplies turn, Draft draft) {
        boolean inControl =
                conversation.status() == ConversationStatus.PROGRESS && conversation.epoch() == turn.epoch();
        if (!inControl) {
            return suppress(turn, "control had changed while the bot was thinking", draft);
        }
        if (turn.upTo() <= conversation.bot().answeredSeq()) {
            return suppress(turn, "the same messages had been answered already", draft);
        }
        BotState answered = turn.reply() instanceof BotReply.DontKnow
                ? conversation.bot().didNotKnow(turn.upTo())
                : conversation.bot().answered(turn.upTo());
        Optional<HandoffRequest> handoff =
                policy.decide(new HandoffPolicy.BotAnswered(conversation, turn.reply(), answered.failuresInARow()));
        if (handoff.isPresent() && !(turn.reply() instanceof BotReply.HandOver)) {
            suppressAll(turn, "handed to a human: " + handoff.get().reason(), draft);
            waitForAgent(handoff.get(), draft);
            return draft.accepted();
        }
        if (turn.reply() instanceof BotReply.Say say) {
            say.contents().forEach(content -> say(MessageOwner.BOT, content, draft));
        } else if (turn.reply() instanceof BotReply.DontKnow dontKnow) {
            say(MessageOwner.BOT, dontKnow.text(), draft);
        } else if (turn.reply() instanceof BotReply.HandOver over) {
            waitForAgent(
                    new HandoffRequest(over.reason(), over.summary(), over.queue(), over.priority(), over.farewell()),
                    draft);
            return draft.accepted();
        } else if (turn.reply() instanceof BotReply.End end) {
            end(null, end.failed(), end.reason(), draft);
            notice(end.farewell(), draft);
            return draft.accepted();
        }
        draft.bot(answered);
        return draft.accepted();
    }

    private static Decision suppress(Command.BotReplies turn, String reason, Draft draft) {
        return suppressAll(turn, reason, draft) ? draft.accepted() : new Rejected(new Rejection.Overtaken(reason));
    }

    /** Whether there was anything to keep. */
    private static boolean suppressAll(Command.BotReplies turn, String reason, Draft draft) {
        List<Content> thought = thoughtsOf(turn.reply());
        thought.forEach(content -> draft.suppressed(content, turn.epoch(), reason));
        return !thought.isEmpty();
    }

    private static List<Content> thoughtsOf(BotReply reply) {
        if (reply instanceof BotReply.Say say) {
            return say.contents();
        }
        String text = null;
        if (reply instanceof BotReply.DontKnow dontKnow) {
            text = dontKnow.text();
        } else if (reply instanceof BotReply.HandOver over) {
            text = over.farewell();
        } else if (reply instanceof BotReply.End end) {
            text = end.farewell();
        }
        return text == null || text.isBlank() ? List.of() : List.of(Content.text(text));
    }

    private Decision botFails(Conversation conversation, Command.BotFails failure, Draft draft) {
        if (conversation.epoch() != failure.epoch()
                || failure.upTo() <= conversation.bot().answeredSeq()) {
            return new Rejected(new Rejection.Overtaken("the failed turn is over already"));
        }
        BotState failed = conversation.bot().failed();
        draft.bot(failed);
        draft.event(
                EventType.BOT_FAILED,
                Map.of("reason", failure.cause(), "failuresInARow", Integer.toString(failed.failuresInARow())));
        policy.decide(new HandoffPolicy.BotFailed(conversation, failed.failuresInARow()))
                .or(() -> failure.lastAttempt() ? Optional.of(HandoffRequest.because("bot_failed")) : Optional.empty())
                .ifPresent(request -> waitForAgent(request, draft));
        return draft.accepted();
    }

    private Decision requestHandoff(Conversation conversation, Command.RequestHandoff wish, Draft draft) {
        if (State.of(conversation) == State.WAITING_AGENT) {
            return new Decision.Unchanged();
        }
        waitForAgent(wish.request(), draft);
        return draft.accepted();
    }

    private void waitForAgent(HandoffRequest request, Draft draft) {
        HumanHandoff handoff = new HumanHandoff(
                draft.now(), request.reason(), request.summary(), request.queue(), request.priority(), null, false);
        draft.enters(
                EventType.HANDOFF_REQUESTED,
                ConversationStatus.HUMAN_HANDOFF,
                handoff,
                deadlines.from(Deadline.Kind.WAITING, draft.now()),
                request.reason());
        notice(request.farewell() != null ? request.farewell() : notices.waiting(), draft);
    }

    private Decision assign(Conversation conversation, Command.AssignAgent assign, Draft draft) {
        String agentId = assign.agent().id();
        if (!agentId.equals(assign.actor().agentId()) && !assign.actor().role().supervises()) {
            return new Rejected(new Rejection.SupervisorsOnly("only a supervisor assigns to another agent"));
        }
        HumanHandoff handoff = Objects.requireNonNull(conversation.handoff());
        if (handoff.agentId() != null) {
            return conversation.isHeldBy(agentId)
                    ? new Decision.Unchanged()
                    : new Rejected(new Rejection.HeldByAnother(handoff.agentId()));
        }
        return giveTo(assign.agent(), handoff, EventType.AGENT_ASSIGNED, "assigned", draft);
    }

    private Decision takeOver(Conversation conversation, Command.TakeOver takeOver, Draft draft) {
        Agent agent = takeOver.agent();
        HumanHandoff handoff = conversation.status() == ConversationStatus.HUMAN_HANDOFF
                ? Objects.requireNonNull(conversation.handoff())
                : new HumanHandoff(draft.now(), "takeover", null, HumanHandoff.DEFAULT_QUEUE, 0, null, false);
        if (handoff.agentId() != null) {
            if (conversation.isHeldBy(agent.id())) {
                return new Decision.Unchanged();
            }
            if (!agent.role().supervises()) {
                return new Rejected(new Rejection.HeldByAnother(handoff.agentId()));
            }
        }
        return giveTo(agent, handoff, EventType.AGENT_TOOK_OVER, "takeover", draft);
    }

    private Decision giveTo(Agent agent, HumanHandoff handoff, EventType type, @Nullable String reason, Draft draft) {
        draft.enters(
                type,
                ConversationStatus.HUMAN_HANDOFF,
                handoff.heldBy(agent.id()),
                deadlines.from(Deadline.Kind.AGENT_SILENT, draft.now()),
                reason);
        return draft.accepted();
    }

    private Decision transfer(Conversation conversation, Command.TransferToAgent transfer, Draft draft) {
        Optional<Rejection> refusal = refuseStranger(conversation, transfer.actor());
        if (refusal.isPresent()) {
            return new Rejected(refusal.get());
        }
        if (conversation.isHeldBy(transfer.agent().id())) {
            return new Decision.Unchanged();
        }
        noteWithTransfer(transfer.actor(), transfer.note(), draft);
        return giveTo(
                transfer.agent(),
                Objects.requireNonNull(conversation.handoff()),
                EventType.CONVERSATION_TRANSFERRED,
                "transfer",
                draft);
    }

    private Decision transfer(Conversation conversation, Command.TransferToQueue transfer, Draft draft) {
        Optional<Rejection> refusal = refuseStranger(conversation, transfer.actor());
        if (refusal.isPresent()) {
            return new Rejected(refusal.get());
        }
        if (transfer.queue().isBlank()) {
            return new Rejected(new Rejection.BadContent("a transfer needs the name of a queue or an agent"));
        }
        HumanHandoff handoff = Objects.requireNonNull(conversation.handoff());
        if (handoff.agentId() == null && handoff.queue().equals(transfer.queue())) {
            return new Decision.Unchanged();
        }
        noteWithTransfer(transfer.actor(), transfer.note(), draft);
        draft.enters(
                EventType.CONVERSATION_TRANSFERRED,
                ConversationStatus.HUMAN_HANDOFF,
                handoff.waitingIn(transfer.queue()),
                deadlines.from(Deadline.Kind.WAITING, draft.now()),
                "transfer");
        return draft.accepted();
    }

    private static void noteWithTransfer(Actor.Human actor, @Nullable String note, Draft draft) {
        if (note != null && !note.isBlank()) {
            draft.note(actor.agentId(), note);
        }
    }

    private Decision release(Conversation conversation, Command.ReleaseToBot release, Draft draft) {
        Optional<Rejection> refusal = refuseStranger(conversation, release.actor());
        if (refusal.isPresent()) {
            return new Rejected(refusal.get());
        }
        String reason = release.reason() == null ? "released" : release.reason();
        backToBot(conversation, reason, release.summary(), notices.backWithBot(), draft);
        return draft.accepted();
    }

    private void backToBot(
            Conversation conversation, String reason, @Nullable String summary, @Nullable String notice, Draft draft) {
        HumanHandoff ended = Objects.requireNonNull(conversation.handoff());
        draft.handBack(new HandBack(ended.at(), draft.now(), ended.agentId(), reason, summary));
        draft.enters(
                EventType.RELEASED_TO_BOT,
                ConversationStatus.PROGRESS,
                null,
                deadlines.from(Deadline.Kind.CUSTOMER_SILENT, draft.now()),
                reason);
        notice(notice, draft);
    }

    private Decision close(Conversation conversation, Command.Close close, Draft draft) {
        Optional<Rejection> refusal = refuseStranger(conversation, close.actor());
        if (refusal.isPresent()) {
            return new Rejected(refusal.get());
        }
        draft.enters(
                EventType.CONVERSATION_CLOSED,
                ConversationStatus.AGENT_CLOSED,
                conversation.handoff(),
                null,
                close.reason() == null ? "closed" : close.reason());
        return draft.accepted();
    }

    private static Decision end(@Nullable HumanHandoff handoff, boolean failed, String reason, Draft draft) {
        draft.enters(
                EventType.CONVERSATION_CLOSED,
                failed ? ConversationStatus.FAILED : ConversationStatus.USER_CLOSED,
                handoff,
                null,
                reason);
        return draft.accepted();
    }

    private Decision agentReplies(Conversation conversation, Command.AgentReplies reply, Draft draft) {
        if (!conversation.isHeldBy(reply.actor().agentId())) {
            return new Rejected(new Rejection.NotTheHolder(conversation.agentId()));
        }
        if (reply.content().isEmpty()) {
            return new Rejected(new Rejection.BadContent("an answer needs text, media or a template"));
        }
        draft.says(MessageOwner.AGENT, reply.actor().agentId(), reply.content());
        draft.deadline(deadlines.from(Deadline.Kind.AGENT_SILENT, draft.now()));
        return draft.accepted();
    }

    private Decision addNote(Conversation conversation, Command.AddNote note, Draft draft) {
        if (note.text().isBlank()) {
            return new Rejected(new Rejection.BadContent("a note needs text"));
        }
        draft.note(note.actor().agentId(), note.text());
        if (conversation.isHeldBy(note.actor().agentId())) {
            draft.deadline(deadlines.from(Deadline.Kind.AGENT_SILENT, draft.now()));
        }
        return draft.accepted();
    }

    private Decision deadlinePasses(Conversation conversation, Draft draft) {
        Deadline deadline = Objects.requireNonNull(conversation.deadline());
        if (draft.now().isBefore(deadline.dueAt())) {
            return new Rejected(new Rejection.Overtaken("the deadline has moved to " + deadline.dueAt()));
        }
        Instant windowWarnAt = deadline.windowWarnAt();
        boolean isOver = !draft.now().isBefore(deadline.at());
        if (!isOver && windowWarnAt != null && !draft.now().isBefore(windowWarnAt)) {
            return warnOfWindow(conversation, draft);
        }
        if (!isOver) {
            draft.deadline(deadline.warned());
            draft.event(
                    EventType.DEADLINE_WARNING,
                    Map.of(
                            "deadline",
                            deadline.kind().name(),
                            "at",
                            deadline.at().toString()));
            return draft.accepted();
        }
        switch (deadline.kind()) {
            case CUSTOMER_SILENT ->
                draft.enters(
                        EventType.CONVERSATION_EXPIRED,
                        ConversationStatus.EXPIRED,
                        conversation.handoff(),
                        null,
                        "customer_silent");
            case WAITING -> leaveHumans(conversation, deadlines.waitingAction(), "waiting_timeout", draft);
            case AGENT_SILENT -> leaveHumans(conversation, deadlines.agentSilentAction(), "agent_timeout", draft);
        }
        return draft.accepted();
    }

    private Decision warnOfWindow(Conversation conversation, Draft draft) {
        draft.windowWarned();
        Instant closesAt = windowOf(conversation).closesAt(Objects.requireNonNull(conversation.lastInboundAt()));
        // A channel that has given up its window since has nothing to warn of.
        if (closesAt != null) {
            draft.event(EventType.SESSION_WINDOW_WARNING, Map.of("at", closesAt.toString()));
        }
        return draft.accepted();
    }

    private void leaveHumans(Conversation conversation, DeadlineAction action, String reason, Draft draft) {
        HumanHandoff handoff = Objects.requireNonNull(conversation.handoff());
        if (action == DeadlineAction.RELEASE || (action == DeadlineAction.ESCALATE && handoff.escalated())) {
            backToBot(conversation, reason, null, notices.releasedAfterTimeout(), draft);
            return;
        }
        boolean escalates = action == DeadlineAction.ESCALATE;
        draft.enters(
                escalates ? EventType.ESCALATED : EventType.REQUEUED,
                ConversationStatus.HUMAN_HANDOFF,
                escalates ? handoff.escalatedToSupervisor() : handoff.waitingIn(handoff.queue()),
                deadlines.from(Deadline.Kind.WAITING, draft.now()),
                reason);
    }

    private void notice(@Nullable String text, Draft draft) {
        say(MessageOwner.SYSTEM, text, draft);
    }

    /** No channel takes an empty message: a blank text says nothing, as null does. */
    private void say(MessageOwner owner, @Nullable String text, Draft draft) {
        if (text != null && !text.isBlank()) {
            say(owner, Content.text(text), draft);
        }
    }

    private void say(MessageOwner owner, Content content, Draft draft) {
        TextPieces.of(content, longestText.applyAsInt(draft.channel()))
                .forEach(piece -> draft.says(owner, null, piece));
    }

    /** The holder may; a supervisor may for them; the host may always. */
    private static Optional<Rejection> refuseStranger(Conversation conversation, Actor actor) {
        boolean allowed = !(actor instanceof Actor.Human human)
                || human.role().supervises()
                || conversation.isHeldBy(human.agentId());
        return allowed ? Optional.empty() : Optional.of(new Rejection.NotTheHolder(conversation.agentId()));
    }

    private static Rejection refusal(State state, Command command) {
        return command instanceof Command.AgentReplies
                ? new Rejection.NobodyHolds(state)
                : new Rejection.NotLegal(state, command.label(), Legality.explain(state, command));
    }

    private Conversation unborn(
            ConversationId id,
            ConversationAddress address,
            @Nullable ConversationId previous,
            ConversationStatus status,
            Instant now) {
        return new Conversation(
                id,
                address,
                null,
                status,
                null,
                null,
                BotState.NEW,
                1,
                0,
                0,
                0,
                0,
                null,
                deadlines.from(Deadline.Kind.CUSTOMER_SILENT, now),
                previous,
                now,
                now,
                null);
    }
}
