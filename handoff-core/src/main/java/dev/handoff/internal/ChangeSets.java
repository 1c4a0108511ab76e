package dev.handoff.internal;

import dev.handoff.machine.Command;
import dev.handoff.machine.Decision;
import dev.handoff.model.Agent;
import dev.handoff.model.Conversation;
import dev.handoff.model.Holder;
import dev.handoff.store.BotLease;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.LoadChange;
import dev.handoff.store.OnceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Turns what was decided into what is committed. */
final class ChangeSets {
    private static final BotLease KEEP = new BotLease.Keep();

    private ChangeSets() {}

    /** The change set of a new conversation. */
    static ChangeSet opening(UUID id, OnceKey once, Decision.Accepted accepted) {
        return new ChangeSet(
                id, once, 0, accepted.next(), accepted.messages(), accepted.events(), false, List.of(), KEEP);
    }

    /** The change set of a command. */
    static ChangeSet of(
            UUID id, @Nullable OnceKey once, Conversation before, Command command, Decision.Accepted accepted) {
        return of(id, once, before, command, accepted, KEEP);
    }

    /** The change set of a command that ends the bot's claim. */
    static ChangeSet of(
            UUID id,
            @Nullable OnceKey once,
            Conversation before,
            Command command,
            Decision.Accepted accepted,
            BotLease botLease) {
        return new ChangeSet(
                id,
                once,
                before.version(),
                accepted.next(),
                accepted.messages(),
                accepted.events(),
                accepted.controlChanged(),
                loads(before.holder(), accepted.next().holder(), command),
                botLease);
    }

    private static List<LoadChange> loads(Holder before, Holder after, Command command) {
        List<LoadChange> loads = new ArrayList<>();
        if (!before.equals(after)) {
            if (before instanceof Holder.Agent giver) {
                loads.add(new LoadChange.GiveBack(giver.agentId()));
            }
            if (after instanceof Holder.Agent) {
                loads.add(new LoadChange.Take(taker(command)));
            }
        }
        return loads;
    }

    private static Agent taker(Command command) {
        if (command instanceof Command.AssignAgent assign) {
            return assign.agent();
        } else if (command instanceof Command.TakeOver takeOver) {
            return takeOver.agent();
        } else if (command instanceof Command.TransferToAgent transfer) {
            return transfer.agent();
        }
        throw new IllegalStateException(command.label() + " gave the conversation to an agent whom it does not name");
    }
}
