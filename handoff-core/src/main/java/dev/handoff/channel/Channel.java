package dev.handoff.channel;

import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A way to reach customers. The library calls {@link #send} from its outbound worker, never while it holds a database
 * connection or a lock, and never twice at once from one inbox to one customer. Up to {@link OutboundSettings#concurrency}
 * calls run at once for each inbox, eight times as many in all. Implementations are thread-safe.
 */
public interface Channel {

    /** The name under which conversations of this channel are stored, for example {@code twilio}. Never changes. */
    String name();

    /**
     * Says why this content cannot be sent in a conversation, so that an agent, or the host who opens one, is told before
     * it is queued.
     *
     * @param address where; a channel may reach customers in several ways that differ in what they take
     * @param lastInboundAt when the customer last wrote, be it in an earlier conversation; null when never. Channels with a session window count from it.
     * @param now the store's time
     * @return what is wrong and what to do, or empty when it can be sent
     */
    Optional<String> refuses(
            ConversationAddress address, Content content, @Nullable Instant lastInboundAt, Instant now);

    /**
     * How long after the customer's last message free text is taken there; empty, as it stands, where it always is. Agents
     * are warned before it closes. Always the same for an address.
     */
    default Optional<Duration> sessionWindow(ConversationAddress address) {
        return Optional.empty();
    }

    /**
     * The longest text, in code points, that fits one message: 1 or more, and always the same. Whatever longer the bot or
     * the library itself says (replies, farewells, notices) is sent as several messages.
     */
    int maxTextLength();

    /**
     * Makes exactly one attempt to send. Blocks until the provider has answered or a time-out has run out, which must
     * be below the outbound lease, together with {@link OutboundSettings#permitFor}. Every outcome is a result; an exception is taken as {@link SendResult.Unknown},
     * since nobody can tell then what the provider received.
     */
    SendResult send(OutboundMessage message);

    /**
     * Asks the provider what became of an attempt whose outcome is unknown.
     *
     * @param boundElsewhere provider ids that are known to belong to other attempts and must not be taken for this one
     */
    LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere);

    /**
     * Asks the provider how far a message has come of which it has reported nothing for half a day: a report may have been
     * lost. Blocks no longer than {@link #send}.
     *
     * @return what a report would have said; empty, as it stands, where the provider cannot be asked or does not know
     */
    default Optional<DeliveryUpdate> reportOn(SilentMessage message) {
        return Optional.empty();
    }
}
