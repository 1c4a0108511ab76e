package dev.handoff.machine;

import static dev.handoff.machine.State.AGENT_CLOSED;
import static dev.handoff.machine.State.ASSIGNED;
import static dev.handoff.machine.State.EXPIRED;
import static dev.handoff.machine.State.FAILED;
import static dev.handoff.machine.State.PENDING;
import static dev.handoff.machine.State.PROGRESS;
import static dev.handoff.machine.State.USER_CLOSED;
import static dev.handoff.machine.State.WAITING_AGENT;

import dev.handoff.machine.Command.AddNote;
import dev.handoff.machine.Command.AgentReplies;
import dev.handoff.machine.Command.AssignAgent;
import dev.handoff.machine.Command.BotFails;
import dev.handoff.machine.Command.BotReplies;
import dev.handoff.machine.Command.Close;
import dev.handoff.machine.Command.DeadlinePasses;
import dev.handoff.machine.Command.End;
import dev.handoff.machine.Command.Receive;
import dev.handoff.machine.Command.ReleaseToBot;
import dev.handoff.machine.Command.RequestHandoff;
import dev.handoff.machine.Command.TakeOver;
import dev.handoff.machine.Command.TransferToAgent;
import dev.handoff.machine.Command.TransferToQueue;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The one table of what is legal: webhook, API, sweeper and console all go by it, and the diagram in the README is
 * printed from it. A command that has no row here is refused; a decision that leaves its row is a bug and throws.
 */
public final class Legality {

    /** In state {@code from}, {@code command} may lead to any of {@code to}. */
    public record Row(State from, Class<? extends Command> command, Set<State> to) {}

    private static final List<Row> TABLE = List.of(
            in(PENDING, Receive.class, PROGRESS, WAITING_AGENT),
            in(PENDING, RequestHandoff.class, WAITING_AGENT),
            in(PENDING, End.class, USER_CLOSED, FAILED),
            in(PENDING, DeadlinePasses.class, EXPIRED),
            in(PROGRESS, Receive.class, PROGRESS, WAITING_AGENT),
            in(PROGRESS, BotReplies.class, PROGRESS, WAITING_AGENT, USER_CLOSED, FAILED),
            in(PROGRESS, BotFails.class, PROGRESS, WAITING_AGENT),
            in(PROGRESS, RequestHandoff.class, WAITING_AGENT),
            in(PROGRESS, TakeOver.class, ASSIGNED),
            in(PROGRESS, End.class, USER_CLOSED, FAILED),
            in(PROGRESS, DeadlinePasses.class, EXPIRED),
            in(WAITING_AGENT, Receive.class, WAITING_AGENT),
            in(WAITING_AGENT, RequestHandoff.class, WAITING_AGENT),
            in(WAITING_AGENT, AssignAgent.class, ASSIGNED),
            in(WAITING_AGENT, TakeOver.class, ASSIGNED),
            in(WAITING_AGENT, TransferToAgent.class, ASSIGNED),
            in(WAITING_AGENT, TransferToQueue.class, WAITING_AGENT),
            in(WAITING_AGENT, ReleaseToBot.class, PROGRESS),
            in(WAITING_AGENT, Close.class, AGENT_CLOSED),
            in(WAITING_AGENT, End.class, USER_CLOSED, FAILED),
            in(WAITING_AGENT, DeadlinePasses.class, WAITING_AGENT, PROGRESS),
            in(ASSIGNED, Receive.class, ASSIGNED),
            in(ASSIGNED, AgentReplies.class, ASSIGNED),
            in(ASSIGNED, AssignAgent.class, ASSIGNED),
            in(ASSIGNED, TakeOver.class, ASSIGNED),
            in(ASSIGNED, TransferToAgent.class, ASSIGNED),
            in(ASSIGNED, TransferToQueue.class, WAITING_AGENT),
            in(ASSIGNED, ReleaseToBot.class, PROGRESS),
            in(ASSIGNED, Close.class, AGENT_CLOSED),
            in(ASSIGNED, End.class, USER_CLOSED, FAILED),
            in(ASSIGNED, DeadlinePasses.class, ASSIGNED, WAITING_AGENT, PROGRESS));

    private Legality() {}

    /** Every row, in the order in which a reader follows a conversation. */
    public static List<Row> rows() {
        return TABLE;
    }

    /**
     * The row for a command in a state; empty when it is not legal there. A note may be left, and a bot's late reply is
     * kept as suppressed, in every state: neither ever leaves it.
     */
    static Optional<Row> row(State from, Command command) {
        if (command instanceof AddNote || (command instanceof BotReplies && from != PROGRESS)) {
            return Optional.of(new Row(from, command.getClass(), EnumSet.of(from)));
        }
        return TABLE.stream()
                .filter(row -> row.from() == from && row.command() == command.getClass())
                .findFirst();
    }

    private static Row in(State from, Class<? extends Command> command, State... to) {
        return new Row(from, command, EnumSet.copyOf(Arrays.asList(to)));
    }

    /** Why a command is not legal in a state, with what to do. */
    static String explain(State state, Command command) {
        if (state.isEnd()) {
            return "the conversation has ended (" + state + "); the customer's next message opens a new one";
        }
        if (command instanceof AssignAgent) {
            return "the conversation does not wait for an agent (" + state + "); take it over to control it now";
        }
        if (command instanceof Close || command instanceof TransferToAgent || command instanceof TransferToQueue) {
            return "no human has this conversation (" + state + "); take it over first";
        }
        if (command instanceof RequestHandoff) {
            return "an agent has this conversation already; transfer it to hand it to somebody else";
        }
        return command.label() + " has no meaning in state " + state;
    }
}
