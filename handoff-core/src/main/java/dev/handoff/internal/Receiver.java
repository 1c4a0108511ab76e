package dev.handoff.internal;

import dev.handoff.channel.Channel;
import dev.handoff.channel.InboundMessage;
import dev.handoff.machine.Command;
import dev.handoff.machine.Decision;
import dev.handoff.machine.OpenResult;
import dev.handoff.machine.Rejection;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.Lookup;
import dev.handoff.store.OnceKey;
import dev.handoff.store.Prior;
import dev.handoff.store.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What comes in by an address: customers' messages, and conversations that the host opens. */
final class Receiver {
    private final CommandRunner runner;
    private final Map<String, Channel> channels;

    Receiver(CommandRunner runner, Map<String, Channel> channels) {
        this.runner = runner;
        this.channels = channels;
    }

    /** Stores a message, in the open conversation at its address or in a new one. */
    Engine.Received receive(InboundMessage message) {
        channelOf(message.address());
        return runner.submit(new Receiving(message));
    }

    /** Opens a conversation at an address, unless one is open, or the channel refuses what is to be said. */
    OpenResult open(ConversationAddress address, @Nullable Content opening) {
        return runner.submit(new Opening(address, opening, channelOf(address)));
    }

    private Channel channelOf(ConversationAddress address) {
        Channel channel = channels.get(address.channel());
        if (channel == null) {
            throw new IllegalArgumentException(
                    "no channel is named '" + address.channel() + "'; give it to Handoff.builder()");
        }
        return channel;
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

    private final class Opening implements Work<OpenResult> {
        private final ConversationAddress address;
        private final @Nullable Content content;
        private final Channel channel;
        private final OnceKey once;

        Opening(ConversationAddress address, @Nullable Content content, Channel channel) {
            this.address = address;
            this.content = content;
            this.channel = channel;
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
        public Step<OpenResult> decide(Snapshot snapshot) {
            Conversation open = snapshot.conversation();
            if (open != null) {
                return new Step.Finish<>(new OpenResult.AlreadyOpen(open));
            }
            Optional<String> refusal = content == null ? Optional.empty() : refuse(content, snapshot);
            if (refusal.isPresent()) {
                return new Step.Finish<>(new OpenResult.Refused(new Rejection.BadContent(refusal.get())));
            }
            ConversationId id =
                    new ConversationId(address.tenant(), runner.ids().next(snapshot.now()));
            return new Step.Commit<>(ChangeSets.opening(
                    runner.ids().random(),
                    once,
                    runner.machine().open(id, snapshot.previous(), address, content, snapshot.now())));
        }

        /** The customer may have written a moment ago, in the conversation before this one. */
        private Optional<String> refuse(Content said, Snapshot snapshot) {
            if (said.isEmpty()) {
                return Optional.of("an opening needs text, media or a template; to say nothing, give null");
            }
            Instant lastInboundAt = Optional.ofNullable(snapshot.previous())
                    .flatMap(runner.store()::conversation)
                    .map(Conversation::lastInboundAt)
                    .orElse(null);
            return channel.refuses(address, said, lastInboundAt, snapshot.now());
        }

        @Override
        public OpenResult committed(ChangeSet change, List<MessageId> inFlight) {
            return new OpenResult.Opened(
                    change.next(),
                    change.messages().stream().map(Message::id).findFirst().orElse(null));
        }

        @Override
        public OpenResult alreadyDone(Prior prior, Snapshot snapshot) {
            Conversation after = Objects.requireNonNull(prior.outcome().after(), "a command keeps what it led to");
            Long seq = prior.outcome().messageSeq();
            return new OpenResult.Opened(after, seq == null ? null : new MessageId(after.id(), seq));
        }

        @Override
        public OpenResult capacityReached(CommitResult.CapacityReached reached, Snapshot snapshot) {
            throw new IllegalStateException("opening a conversation takes nobody's capacity");
        }
    }
}
