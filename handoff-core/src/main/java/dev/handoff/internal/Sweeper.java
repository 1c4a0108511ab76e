package dev.handoff.internal;

import dev.handoff.machine.Command;
import dev.handoff.machine.Decision;
import dev.handoff.model.Conversation;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.Snapshot;
import java.util.List;
import java.util.Optional;

/** Sees to it that nobody waits for ever. Decides under the lock of the row that it has claimed, on what is there then. */
final class Sweeper {
    private static final int CLAIMED_AT_ONCE = 100;

    private final CommandRunner runner;
    private final AfterCommit afterCommit;

    Sweeper(CommandRunner runner, AfterCommit afterCommit) {
        this.runner = runner;
        this.afterCommit = afterCommit;
    }

    /** One claim; returns how many conversations changed. */
    int sweep() {
        List<ChangeSet> swept = runner.store().sweep(CLAIMED_AT_ONCE, this::decide);
        swept.forEach(afterCommit::tell);
        return swept.size();
    }

    private Optional<ChangeSet> decide(Snapshot snapshot) {
        Conversation conversation = snapshot.conversation();
        Command command = new Command.DeadlinePasses();
        if (conversation != null
                && conversation.deadline() != null
                && runner.machine().decide(conversation, command, null, snapshot.now())
                        instanceof Decision.Accepted accepted) {
            return Optional.of(ChangeSets.of(runner.ids().random(), null, conversation, command, accepted));
        }
        return Optional.empty();
    }
}
