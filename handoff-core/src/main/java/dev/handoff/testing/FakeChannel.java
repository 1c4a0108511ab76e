package dev.handoff.testing;

import dev.handoff.channel.Channel;
import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A channel without a provider. It records every attempt, remembers what customers have heard, and accepts everything
 * until it is told otherwise. What is scripted is used once, in order, and then it accepts again. Look-ups tell the truth
 * unless they are scripted.
 *
 * <p>Thread-safe: one lock guards the records and the scripts; it is not held while a {@link Gate} holds a send.
 */
public final class FakeChannel implements Channel {

    /** The longest text that it takes, in code points: {@value}. */
    public static final int MAX_TEXT_LENGTH = 1600;

    private final Object lock = new Object();
    private final String name;
    private final Queue<Function<OutboundMessage, SendResult>> scriptedSends = new ArrayDeque<>();
    private final Queue<LookupResult> scriptedLookUps = new ArrayDeque<>();
    private final List<OutboundMessage> sends = new ArrayList<>();
    private final List<OutboundMessage> lookUps = new ArrayList<>();
    private final List<OutboundMessage> heard = new ArrayList<>();
    private final Map<UUID, String> providerIds = new HashMap<>();
    private Gate gate = Gate.opened();
    private @Nullable String refusal;
    private @Nullable String refusalOfStrangers;
    private @Nullable Duration sessionWindow;

    /** A channel with this name. */
    public FakeChannel(String name) {
        this.name = name;
    }

    /** The next attempt comes to this; its customer hears it if the result says that it was sent. */
    public FakeChannel nextSend(SendResult result) {
        return script(message -> {
            if (result instanceof SendResult.Sent sent) {
                deliver(message, sent.providerMessageId());
            }
            return result;
        });
    }

    /** The next attempt reaches the customer, but the provider's answer is lost. */
    public FakeChannel nextSendIsCut() {
        return script(message -> {
            deliver(message, providerId(message));
            return new SendResult.Unknown("the connection was cut");
        });
    }

    /** The next attempt throws, as no channel should. */
    public FakeChannel nextSendThrows(RuntimeException failure) {
        return script(message -> {
            throw failure;
        });
    }

    /** The next look-up answers this, true or not. */
    public FakeChannel nextLookUp(LookupResult result) {
        synchronized (lock) {
            scriptedLookUps.add(result);
        }
        return this;
    }

    /** Refuses all content from now on, for this reason; null takes everything again. */
    public FakeChannel refuseAll(@Nullable String reason) {
        synchronized (lock) {
            refusal = reason;
        }
        return this;
    }

    /**
     * From now on refuses, for this reason, to write to customers who have never written, as channels with a session
     * window do; null takes everything again.
     */
    public FakeChannel refuseBeforeTheCustomerHasWritten(@Nullable String reason) {
        synchronized (lock) {
            refusalOfStrangers = reason;
        }
        return this;
    }

    /** From now on takes free text only this long after the customer's last message, and templates always; null for any time. */
    public FakeChannel takesFreeTextFor(@Nullable Duration length) {
        synchronized (lock) {
            sessionWindow = length;
        }
        return this;
    }

    /** Holds every send that begins from now on, until the gate is opened. */
    public Gate holdSends() {
        synchronized (lock) {
            gate = new Gate();
            return gate;
        }
    }

    /** All attempts, in the order in which they began. */
    public List<OutboundMessage> sends() {
        synchronized (lock) {
            return List.copyOf(sends);
        }
    }

    /** All attempts that were looked up, in order. */
    public List<OutboundMessage> lookUps() {
        synchronized (lock) {
            return List.copyOf(lookUps);
        }
    }

    /** The texts that reached a customer's address, in order; of content without text, its template's or media's names. */
    public List<String> heardBy(String customer) {
        synchronized (lock) {
            return heard.stream()
                    .filter(message -> message.address().customer().equals(customer))
                    .map(message -> words(message.content()))
                    .toList();
        }
    }

    /**
     * What the provider would report on an attempt that reached the customer.
     *
     * @throws IllegalArgumentException when it did not
     */
    public DeliveryUpdate report(OutboundMessage attempt, DeliveryStatus status) {
        String providerId;
        synchronized (lock) {
            providerId = providerIds.get(attempt.attemptToken());
        }
        if (providerId == null) {
            throw new IllegalArgumentException(
                    "attempt " + attempt.attempt() + " of message " + attempt.id() + " never reached the provider");
        }
        return new DeliveryUpdate(
                attempt.address().tenant(),
                name,
                attempt.id(),
                attempt.attemptToken(),
                providerId,
                status,
                status == DeliveryStatus.FAILED ? "the provider could not deliver it" : null);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<String> refuses(
            ConversationAddress address, Content content, @Nullable Instant lastInboundAt, Instant now) {
        synchronized (lock) {
            boolean isClosed = sessionWindow != null
                    && content.template() == null
                    && (lastInboundAt == null || !now.isBefore(lastInboundAt.plus(sessionWindow)));
            if (refusal == null && isClosed) {
                return Optional.of("the session window has closed: send a template");
            }
            return Optional.ofNullable(refusal == null && lastInboundAt == null ? refusalOfStrangers : refusal);
        }
    }

    @Override
    public Optional<Duration> sessionWindow(ConversationAddress address) {
        synchronized (lock) {
            return Optional.ofNullable(sessionWindow);
        }
    }

    @Override
    public int maxTextLength() {
        return MAX_TEXT_LENGTH;
    }

    @Override
    public SendResult send(OutboundMessage message) {
        Gate present;
        synchronized (lock) {
            sends.add(message);
            present = gate;
        }
        try {
            present.pass();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return new SendResult.Unknown("interrupted while the send was under way");
        }
        synchronized (lock) {
            Function<OutboundMessage, SendResult> scripted = scriptedSends.poll();
            if (scripted != null) {
                return scripted.apply(message);
            }
            String providerId = providerId(message);
            deliver(message, providerId);
            return new SendResult.Sent(providerId);
        }
    }

    @Override
    public LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
        synchronized (lock) {
            lookUps.add(message);
            LookupResult scripted = scriptedLookUps.poll();
            if (scripted != null) {
                return scripted;
            }
            String providerId = providerIds.get(message.attemptToken());
            return providerId == null || boundElsewhere.contains(providerId)
                    ? new LookupResult.NotFound()
                    : new LookupResult.Found(providerId, DeliveryStatus.SENT);
        }
    }

    private FakeChannel script(Function<OutboundMessage, SendResult> send) {
        synchronized (lock) {
            scriptedSends.add(send);
        }
        return this;
    }

    private String providerId(OutboundMessage message) {
        return name + "-" + message.attemptToken();
    }

    private void deliver(OutboundMessage message, String providerId) {
        providerIds.put(message.attemptToken(), providerId);
        heard.add(message);
    }

    private static String words(Content content) {
        if (content.text() != null) {
            return content.text();
        }
        return content.template() != null
                ? content.template().id()
                : content.media().toString();
    }
}
