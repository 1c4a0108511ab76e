package dev.handoff;

import dev.handoff.machine.Command;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Guard;
import dev.handoff.machine.OpenResult;
import dev.handoff.model.Actor;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.HandoffRequest;
import org.jspecify.annotations.Nullable;

/** The host's commands, each with the guard that was asked for. */
final class GuardedHostDesk implements HostDesk {
    private static final Actor HOST = new Actor.Host();

    /** Where conversations are opened: in the library's own transactions or in one of the host's. */
    @FunctionalInterface
    interface Openings {
        OpenResult open(ConversationAddress address, @Nullable Content opening);
    }

    private final CommandPort port;
    private final Openings openings;
    private final Guard guard;

    GuardedHostDesk(CommandPort port, Openings openings) {
        this(port, openings, Guard.NONE);
    }

    private GuardedHostDesk(CommandPort port, Openings openings, Guard guard) {
        this.port = port;
        this.openings = openings;
        this.guard = guard;
    }

    @Override
    public HostDesk with(Guard newGuard) {
        return new GuardedHostDesk(port, openings, newGuard);
    }

    @Override
    public OpenResult open(ConversationAddress address, @Nullable Content opening) {
        return openings.open(address, opening);
    }

    @Override
    public CommandResult requestHandoff(ConversationId id, HandoffRequest request) {
        return port.carryOut(id, new Command.RequestHandoff(HOST, request), guard);
    }

    @Override
    public CommandResult releaseToBot(ConversationId id, @Nullable String reason, @Nullable String summary) {
        return port.carryOut(id, new Command.ReleaseToBot(HOST, reason, summary), guard);
    }

    @Override
    public CommandResult endByUser(ConversationId id, String reason) {
        return port.carryOut(id, new Command.End(HOST, false, reason), guard);
    }

    @Override
    public CommandResult fail(ConversationId id, String reason) {
        return port.carryOut(id, new Command.End(HOST, true, reason), guard);
    }
}
