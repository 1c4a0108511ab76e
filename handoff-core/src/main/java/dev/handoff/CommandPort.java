package dev.handoff;

import dev.handoff.machine.Command;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Guard;
import dev.handoff.model.ConversationId;

/** Where the desks' commands go: to the library's own transactions or to one of the host's. */
@FunctionalInterface
interface CommandPort {
    CommandResult carryOut(ConversationId id, Command command, Guard guard);
}
