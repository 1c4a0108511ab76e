package dev.handoff.internal;

import dev.handoff.machine.Command;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.ConversationStateMachine;
import dev.handoff.machine.Decision;
import dev.handoff.machine.Guard;
import dev.handoff.machine.Rejection;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.MessageId;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.HostTransaction;
import dev.handoff.store.Lookup;
import dev.handoff.store.OnceKey;
import dev.handoff.store.Outcome;
import dev.handoff.store.Prior;
import dev.handoff.store.Snapshot;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Carries commands from receipt to effects: read a snapshot, decide, commit, tell. The commit is the decision; what comes
 * after it can be lost without harm.
 */
final class CommandRunner {
    private final ConversationStore store;
    private final ConversationStateMachine machine;
    private final AfterCommit afterCommit;
    private final Committer committer;
    private final Consumer<Runnable> afterwards;
    private final Ids ids;

    private CommandRunner(
            ConversationStore store,
            ConversationStateMachine machine,
            AfterCommit afterCommit,
            Committer committer,
            Consumer<Runnable> afterwards,
            Ids ids) {
        this.store = store;
        this.machine = machine;
        this.afterCommit = afterCommit;
        this.committer = committer;
        this.afterwards = afterwards;
        this.ids = ids;
    }

    /** Commits on the library's own transactions, many callers' work in one. */
    static CommandRunner grouping(
            ConversationStore store,
            ConversationStateMachine machine,
            AfterCommit afterCommit,
            Waiting waiting,
            Ids ids) {
        return new CommandRunner(store, machine, afterCommit, new GroupCommit(store, waiting), Runnable::run, ids);
    }

    /** Commits inside the host's transaction, and tells nobody before that has committed. */
    CommandRunner within(HostTransaction transaction) {
        ConversationStore joined = transaction.store();
        return new CommandRunner(
                joined, machine, afterCommit, GroupCommit.alone(joined), transaction::afterCommit, ids);
    }

    /** The store that this runner's commands are committed in. */
    ConversationStore store() {
        return store;
    }

    /** Names for what is new. */
    Ids ids() {
        return ids;
    }

    /** The rules. */
    ConversationStateMachine machine() {
        return machine;
    }

    /** A check on the content that only the channel can make; empty when there is nothing wrong. */
    @FunctionalInterface
    interface ContentCheck {
        Optional<String> refuse(Conversation conversation, Snapshot snapshot);

        /** For commands that send nothing. */
        ContentCheck NONE = (conversation, snapshot) -> Optional.empty();
    }

    /**
     * Carries out a command on one conversation.
     *
     * @param check is asked once the machine has accepted
     */
    CommandResult command(ConversationId id, Command command, Guard guard, ContentCheck check) {
        return submit(new CommandWork(id, command, guard, check));
    }

    <R> R submit(Work<R> work) {
        Committer.Committed<R> committed = committer.run(work);
        ChangeSet change = committed.change();
        if (change != null) {
            afterwards.accept(() -> afterCommit.tell(change));
        }
        return committed.result();
    }

    /** A command of an agent or the host on one conversation. */
    private final class CommandWork implements Work<CommandResult> {
        private final ConversationId id;
        private final Command command;
        private final Guard guard;
        private final ContentCheck check;
        private final OnceKey once;

        CommandWork(ConversationId id, Command command, Guard guard, ContentCheck check) {
            this.id = id;
            this.command = command;
            this.guard = guard;
            this.check = check;
            String commandId = guard.commandId();
            this.once = OnceKey.command(
                    id,
                    // A command without a name gets one, so that a lost answer to its commit does not carry it out
                    // twice.
                    commandId != null ? commandId : "~" + ids.random(),
                    fingerprint(body(command) + "|" + guard.epoch()));
        }

        @Override
        public Lookup lookup() {
            return new Lookup.ById(id, once);
        }

        @Override
        public Step<CommandResult> decide(Snapshot snapshot) {
            Conversation conversation = snapshot.conversation();
            if (conversation == null) {
                return new Step.Finish<>(new CommandResult.NotFound(id));
            }
            Decision decision = machine.decide(conversation, command, guard.epoch(), snapshot.now());
            if (decision instanceof Decision.Rejected rejected) {
                return new Step.Finish<>(new CommandResult.Refused(rejected.reason(), conversation));
            } else if (decision instanceof Decision.Accepted accepted) {
                return check.refuse(conversation, snapshot)
                        .<Step<CommandResult>>map(why -> new Step.Finish<>(
                                new CommandResult.Refused(new Rejection.BadContent(why), conversation)))
                        .orElseGet(() -> new Step.Commit<>(
                                ChangeSets.of(ids.next(snapshot.now()), once, conversation, command, accepted)));
            }
            return new Step.Finish<>(new CommandResult.Done(conversation, null, List.of()));
        }

        @Override
        public CommandResult committed(ChangeSet change, List<MessageId> inFlight) {
            MessageId first = change.messages().isEmpty()
                    ? null
                    : change.messages().get(0).id();
            return new CommandResult.Done(change.next(), first, inFlight);
        }

        @Override
        public CommandResult alreadyDone(Prior prior, Snapshot snapshot) {
            Outcome outcome = prior.outcome();
            Conversation after = outcome.after() != null ? outcome.after() : snapshot.conversation();
            if (after == null) {
                after = store.conversation(id).orElseThrow();
            }
            if (!prior.fingerprint().equals(once.fingerprint())) {
                Conversation present = snapshot.conversation() != null ? snapshot.conversation() : after;
                return new CommandResult.Refused(
                        new Rejection.CommandIdReused(Objects.requireNonNullElse(guard.commandId(), "")), present);
            }
            Long seq = outcome.messageSeq();
            return new CommandResult.Done(after, seq == null ? null : new MessageId(id, seq), outcome.inFlight());
        }

        @Override
        public CommandResult capacityReached(CommitResult.CapacityReached reached, Snapshot snapshot) {
            return new CommandResult.Refused(
                    new Rejection.CapacityReached(reached.agentId(), reached.capacity()),
                    Objects.requireNonNull(snapshot.conversation()));
        }
    }

    /** What a caller said; what the roster knows of an agent they named may change before they say it again. */
    private static String body(Command command) {
        if (command instanceof Command.AssignAgent assign) {
            return assign.label() + "|" + assign.actor() + "|" + assign.agent().id();
        } else if (command instanceof Command.TakeOver takeOver) {
            return takeOver.label() + "|" + takeOver.actor();
        } else if (command instanceof Command.TransferToAgent transfer) {
            return transfer.label() + "|" + transfer.actor() + "|"
                    + transfer.agent().id() + "|" + transfer.note();
        }
        return command.toString();
    }

    private static String fingerprint(String body) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(body.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
