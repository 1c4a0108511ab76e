package dev.handoff.memory;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.Delivery;
import dev.handoff.model.Message;
import dev.handoff.model.MessageOwner;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One message that is to be sent, or was. How far sending has come ({@code state}) and how far the provider says that the
 * message has come ({@code rank}) are kept apart. Guarded by the store's lock.
 */
final class OutboxRow {

    enum State {
        QUEUED,
        DISPATCHING,
        UNKNOWN,
        SENT,
        FAILED,
        SUPPRESSED;

        boolean isOpen() {
            return this == QUEUED || this == DISPATCHING || this == UNKNOWN;
        }
    }

    private static final int MOST_POLLS = 3;

    final ConversationAddress address;
    final Message message;
    State state;

    /** Control has changed since the message was queued: a bot's message is never queued again then. */
    boolean fenced;

    int rank;
    int attempts;
    int lookUps;

    /** The latest attempt; null before the first, and once an operator has asked to begin anew. */
    @Nullable
    Attempt attempt;

    Instant queuedAt;

    /** QUEUED: when it may be sent. UNKNOWN: when it may be looked up. */
    Instant due;

    Instant leaseUntil = Instant.MIN;

    /** When it was given up or reported as failed, until an operator drops it. */
    Instant failedAt = Instant.MIN;

    @Nullable
    String providerMessageId;

    @Nullable
    String error;

    OutboxRow(ConversationAddress address, Message message, Instant now) {
        this.address = address;
        this.message = message;
        this.state = message.delivery() == Delivery.QUEUED ? State.QUEUED : State.SUPPRESSED;
        this.queuedAt = now;
        this.due = now;
        this.error = message.error();
    }

    boolean isDeadLetter() {
        return state == State.FAILED && !failedAt.equals(Instant.MIN);
    }

    /** Whether another poll is due: how many there were is counted where look-ups were, which are over once it is sent. */
    boolean isSilentFor(Duration silence, Instant now) {
        return state == State.SENT
                && !wasDelivered()
                && providerMessageId != null
                && attempt != null
                && lookUps < MOST_POLLS
                && !attempt.at.plus(silence.multipliedBy(1L << lookUps)).isAfter(now);
    }

    boolean isBots() {
        return message.owner() == MessageOwner.BOT;
    }

    boolean isPresentAttempt(UUID token) {
        return attempt != null && attempt.token.equals(token);
    }

    boolean wasDelivered() {
        return rank >= DeliveryStatus.DELIVERED.rank();
    }

    Delivery delivery() {
        return switch (state) {
            case QUEUED -> Delivery.QUEUED;
            case DISPATCHING -> Delivery.DISPATCHING;
            case UNKNOWN -> Delivery.UNKNOWN;
            case FAILED -> Delivery.FAILED;
            case SUPPRESSED -> Delivery.SUPPRESSED;
            case SENT ->
                rank >= DeliveryStatus.READ.rank()
                        ? Delivery.READ
                        : wasDelivered() ? Delivery.DELIVERED : Delivery.SENT;
        };
    }

    /** The message as people are shown it. */
    Message seen() {
        return new Message(
                message.id(),
                message.owner(),
                message.agentId(),
                message.direction(),
                message.content(),
                message.fields(),
                providerMessageId,
                delivery(),
                error,
                message.epoch(),
                message.createdAt());
    }

    OutboundMessage presentAttempt() {
        Attempt present = Objects.requireNonNull(attempt, "an open attempt");
        return new OutboundMessage(
                message.id(), present.token, present.number, address, message.owner(), message.content(), present.at);
    }
}
