package dev.handoff;

import dev.handoff.machine.Command;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Guard;
import dev.handoff.machine.Rejection;
import dev.handoff.model.Actor;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentState;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.HandoffRequest;
import dev.handoff.store.ConversationStore;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An agent's commands, each with the guard that was asked for. */
final class GuardedAgentDesk implements AgentDesk {
    private final CommandPort port;
    private final ConversationStore store;
    private final Agent agent;
    private final Guard guard;

    GuardedAgentDesk(CommandPort port, ConversationStore store, Agent agent) {
        this(port, store, agent, Guard.NONE);
    }

    private GuardedAgentDesk(CommandPort port, ConversationStore store, Agent agent, Guard guard) {
        this.port = port;
        this.store = store;
        this.agent = agent;
        this.guard = guard;
    }

    @Override
    public AgentDesk with(Guard newGuard) {
        return new GuardedAgentDesk(port, store, agent, newGuard);
    }

    @Override
    public CommandResult requestHandoff(ConversationId id, HandoffRequest request) {
        return carryOut(id, new Command.RequestHandoff(actor(), request));
    }

    @Override
    public CommandResult assign(ConversationId id) {
        return carryOut(id, new Command.AssignAgent(actor(), agent));
    }

    @Override
    public CommandResult assign(ConversationId id, String agentId) {
        return toColleague(id, agentId, colleague -> new Command.AssignAgent(actor(), colleague));
    }

    @Override
    public CommandResult takeOver(ConversationId id) {
        return carryOut(id, new Command.TakeOver(agent));
    }

    @Override
    public CommandResult transferToAgent(ConversationId id, String agentId, @Nullable String note) {
        return toColleague(id, agentId, colleague -> new Command.TransferToAgent(actor(), colleague, note));
    }

    @Override
    public CommandResult transferToQueue(ConversationId id, String queue, @Nullable String note) {
        return carryOut(id, new Command.TransferToQueue(actor(), queue, note));
    }

    @Override
    public CommandResult releaseToBot(ConversationId id, @Nullable String reason, @Nullable String summary) {
        return carryOut(id, new Command.ReleaseToBot(actor(), reason, summary));
    }

    @Override
    public CommandResult close(ConversationId id, @Nullable String reason) {
        return carryOut(id, new Command.Close(actor(), reason));
    }

    @Override
    public CommandResult reply(ConversationId id, Content content) {
        return carryOut(id, new Command.AgentReplies(actor(), content));
    }

    @Override
    public CommandResult note(ConversationId id, String text) {
        return carryOut(id, new Command.AddNote(actor(), text));
    }

    private Actor.Human actor() {
        return agent.asActor();
    }

    private CommandResult toColleague(ConversationId id, String agentId, Function<Agent, Command> command) {
        if (agentId.equals(agent.id())) {
            return carryOut(id, command.apply(agent));
        }
        Optional<Agent> colleague = store.agent(agent.tenant(), agentId).map(AgentState::agent);
        if (colleague.isPresent()) {
            return carryOut(id, command.apply(colleague.get()));
        }
        Optional<Conversation> conversation = ofMyTenant(id) ? store.conversation(id) : Optional.empty();
        return conversation
                .<CommandResult>map(present -> new CommandResult.Refused(new Rejection.UnknownAgent(agentId), present))
                .orElseGet(() -> new CommandResult.NotFound(id));
    }

    private CommandResult carryOut(ConversationId id, Command command) {
        return ofMyTenant(id) ? port.carryOut(id, command, guard) : new CommandResult.NotFound(id);
    }

    /** An agent sees nothing of other tenants, not even that a conversation is there (I12). */
    private boolean ofMyTenant(ConversationId id) {
        return id.tenant().equals(agent.tenant());
    }
}
