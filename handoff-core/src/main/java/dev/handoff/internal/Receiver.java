package dev.handoff.internal;

import dev.handoff.channel.InboundMessage;
import dev.handoff.machine.Command;
import dev.handoff.machine.Decision;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.MessageId;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.Lookup;
import dev.handoff.store.OnceKey;
import dev.handoff.store.Prior;
import dev.handoff.store.Snapshot;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What comes in by an address: customers' messages, and conversations that the host opens. */
final class Receiver {
    private final CommandRunner runner;
    private final Set<String> channels;

    Receiver(CommandRunner runner, Set<String> channels) {
        this.runner = runner;
        this.channels = channels;
    }

    /** Stores a message, in the open conversation at its address or in a new one. */
    Engine.Received receive(InboundMessage message) {
        refuseUnknownChannel(message.address());
        return runner.submit(new Receiving(message));
    }

    /** Opens a conversation at an address, unless one is open. */
    Conversation open(ConversationAddress address, @Nullable Content opening) {
        refuseUnknownChannel(address);
        return runner.submit(new Opening(address, opening));
    }

    private void refuseUnknownChannel(ConversationAddress address) {
        if (!channels.contains(address.channel())) {
            throw new IllegalArgumentException(
                    "no channel is named '" + address.channel() + "'; give it to Handoff.builder()");
        }
    }

    private final class Receiving implements Work<Engine.Received> {
        private final InboundMessage message;
        private final OnceKey once;

        Receiving(InboundMessage message) {
            this.message = message;
            this.once = OnceKey.of(message);
        }

        @Override
        public Lookup lookup() {
            return new Lookup.ByAddress(message.address(), once);
        }

        @Override
        public Step<Engine.Received> decide(Snapshot snapshot) {
            Conversation open = snapshot.conversation();
            if (open == null) {
                ConversationId id = new ConversationId(
                        message.address().tenant(), runner.ids().next(snapshot.now()));
                return new Step.Commit<>(ChangeSets.opening(
                        runner.ids().random(),
                        once,
                        runner.machine().begin(id, snapshot.previous(), message, snapshot.now())));
            }
            Command command = new Command.Receive(message);
            Decision decision = runner.machine().decide(open, command, null, snapshot.now());
            if (decision instanceof Decision.Accepted accepted) {
                return new Step.Commit<>(ChangeSets.of(runner.ids().random(), once, open, command, accepted));
            }
            throw new IllegalStateException("an open conversation takes every message, but " + open.id() + " in "
                    + open.status() + " answered " + decision);
        }

        @Override
        public Engine.Received committed(ChangeSet change, List<MessageId> inFlight) {
            return new Engine.Received(change.next(), change.messages().get(0).id());
        }

        @Override
        public Engine.Received alreadyDone(Prior prior, Snapshot snapshot) {
            long seq = Objects.requireNonNull(prior.outcome().messageSeq(), "an inbound message has a place");
            return new Engine.Received(null, new MessageId(prior.outcome().conversation(), seq));
        }

        @Override
        public Engine.Received capacityReached(CommitResult.CapacityReached reached, Snapshot snapshot) {
            throw new IllegalStateException("an inbound message takes nobody's capacity");
        }
    }

    private final class Opening implements Work<Conversation> {
        private final ConversationAddress address;
        private final @Nullable Content content;
        private final OnceKey once;

        Opening(ConversationAddress address, @Nullable Content content) {
            this.address = address;
            this.content = content;
            this.once = new OnceKey(
                    address.tenant(),
                    OnceKey.Kind.COMMAND,
                    "open:" + runner.ids().random(),
                    "");
        }

        @Override
        public Lookup lookup() {
            return new Lookup.ByAddress(address, once);
        }

        @Override
        public Step<Conversation> decide(Snapshot snapshot) {
            Conversation open = snapshot.conversation();
            if (open != null) {
                return new Step.Finish<>(open);
            }
            ConversationId id =
                    new ConversationId(address.tenant(), runner.ids().next(snapshot.now()));
            return new Step.Commit<>(ChangeSets.opening(
                    runner.ids().random(),
                    once,
                    runner.machine().open(id, snapshot.previous(), address, content, snapshot.now())));
        }

        @Override
        public Conversation committed(ChangeSet change, List<MessageId> inFlight) {
            return change.next();
        }

        @Override
        public Conversation alreadyDone(Prior prior, Snapshot snapshot) {
            return Objects.requireNonNull(prior.outcome().after(), "a command keeps what it led to");
        }

        @Override
        public Conversation capacityReached(CommitResult.CapacityReached reached, Snapshot snapshot) {
            throw new IllegalStateException("opening a conversation takes nobody's capacity");
        }
    }
}
