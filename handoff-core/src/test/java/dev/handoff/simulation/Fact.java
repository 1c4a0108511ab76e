package dev.handoff.simulation;

import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.machine.Command;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Guard;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Event;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.Feed.FeedEntry;
import dev.handoff.store.Outbox.RetryDecision;
import java.time.Instant;
import java.util.List;

/** One thing that happened, as seen from outside the library. */
sealed interface Fact {

    /** A change set was committed by the store; its caller may never have learnt of it. */
    record Committed(int node, ChangeSet change, List<MessageId> inFlight) implements Fact {}

    /** Change sets that were submitted in one transaction. */
    record Submitted(int node, List<ChangeSet> changes) implements Fact {}

    /**
     * The store has refused a change of control.
     *
     * @param before the conversation's messages before it was asked
     * @param after and after
     */
    record TurnedDown(int node, ChangeSet change, List<Message> before, List<Message> after) implements Fact {}

    /** The store gave a permit. */
    record Permitted(int node, OutboundMessage message) implements Fact {}

    /**
     * A request reached the provider.
     *
     * @param late whether the sending node had been held (as by SIGSTOP) or the network had kept the request, so long
     *     that its lease had run out
     */
    record Requested(int node, OutboundMessage message, boolean late) implements Fact {}

    /** The provider has taken a message. */
    record Accepted(OutboundMessage message, String providerId, boolean late) implements Fact {}

    /** The provider has said of a message that it will never take it. */
    record Refused(OutboundMessage message, String reason) implements Fact {}

    /** The store has taken a result. */
    record Recorded(int node, AttemptResult result, Instant at) implements Fact {}

    /** The store has taken a provider's report. */
    record Reported(int node, DeliveryUpdate update) implements Fact {}

    /** A webhook was answered 2xx. */
    record Acknowledged(int node, String providerMessageId) implements Fact {}

    /** A command was answered. */
    record Answered(int node, ConversationId id, Command command, Guard guard, CommandResult result) implements Fact {}

    /** An operator asked to send a dead letter again, and was answered. */
    record Retried(int node, MessageId id, RetryDecision decision) implements Fact {}

    /** A reader of the feed got its next page. */
    record FeedRead(int reader, String tenant, long after, List<FeedEntry> entries) implements Fact {}

    /** What a conversation was in the end, as the store tells it. */
    record Ended(Conversation conversation, List<Message> messages, List<Event> events) implements Fact {}

    /** Something that the world did: for the story alone. */
    record Happened(String what) implements Fact {}
}
