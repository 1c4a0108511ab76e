package dev.handoff.testing;

import dev.handoff.AgentDesk;
import dev.handoff.machine.CommandResult;
import dev.handoff.model.Agent;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationId;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An agent of a {@link HandoffTestKit}, who works with one customer at a time. Refusals are exceptions here; {@link #desk}
 * gives results instead.
 */
public final class FakeAgent {
    private final HandoffTestKit kit;
    private final Agent agent;
    private @Nullable FakeCustomer customer;

    FakeAgent(HandoffTestKit kit, Agent agent) {
        this.kit = kit;
        this.agent = agent;
    }

    /** Takes the customer's waiting conversation. */
    public FakeAgent takes(FakeCustomer whom) {
        customer = whom;
        return does(desk -> desk.assign(id()));
    }

    /** Takes control of the customer's conversation, whoever has it. */
    public FakeAgent takesOver(FakeCustomer whom) {
        customer = whom;
        return does(desk -> desk.takeOver(id()));
    }

    /** Answers. */
    public FakeAgent says(String text) {
        return does(desk -> desk.reply(id(), Content.text(text)));
    }

    /** Leaves a note. */
    public FakeAgent notes(String text) {
        return does(desk -> desk.note(id(), text));
    }

    /** Gives the conversation back to the bot. */
    public FakeAgent releases() {
        return does(desk -> desk.releaseToBot(id(), null, null));
    }

    /** Hands the conversation to a colleague. */
    public FakeAgent transfersTo(String agentId) {
        return does(desk -> desk.transferToAgent(id(), agentId, null));
    }

    /** Finishes the conversation. */
    public FakeAgent closes() {
        return does(desk -> desk.close(id(), null));
    }

    /** The desk itself, whose refusals are results. */
    public AgentDesk desk() {
        return kit.handoff().as(agent);
    }

    private FakeAgent does(Function<AgentDesk, CommandResult> command) {
        command.apply(desk()).orThrow();
        kit.settle();
        return this;
    }

    private ConversationId id() {
        if (customer == null) {
            throw new IllegalStateException("agent " + agent.id() + " has not taken a conversation yet");
        }
        return customer.conversation().id();
    }
}
