package dev.handoff.webchat;

import dev.handoff.channel.Channel;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends by putting into the visitor's mailbox: a message is sent when it is there for good, whether or not the visitor is
 * online, and on whatever node. What the widget then reports (delivered, read) comes as updates.
 *
 * <p>A message is named by its own id, under which the mailbox takes it once: an attempt that was made before under
 * whatever token is not repeated. And a look-up waits for a send that is under way, so that "not found" is the truth.
 */
final class WebChatChannel implements Channel {
    static final String NAME = "webchat";
    static final int MAX_TEXT = 2_000;

    private static final Logger log = LoggerFactory.getLogger(WebChatChannel.class);

    /**
     * A send that has not got hold of the mailbox by then is given up. Shorter than the attempt's lease, after which a
     * look-up may say that nothing was sent: a process that was paused in between must not prove it wrong.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Jdbi jdbi;
    private final Mailbox mailbox;
    private final Consumer<Visitor> afterSend;
    private final LongSupplier nanos;

    /**
     * @param afterSend is told whose mailbox has something new
     * @param nanos the process's monotonic clock
     */
    WebChatChannel(Jdbi jdbi, Mailbox mailbox, Consumer<Visitor> afterSend, LongSupplier nanos) {
        this.jdbi = jdbi;
        this.mailbox = mailbox;
        this.afterSend = afterSend;
        this.nanos = nanos;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<String> refuses(
            ConversationAddress address, Content content, @Nullable Instant lastInboundAt, Instant now) {
        return refuses(address, content);
    }

    private static Optional<String> refuses(ConversationAddress address, Content content) {
        String text = content.text();
        if (content.template() != null) {
            return Optional.of("Web chat has no templates and needs none: send the text itself, at any time.");
        }
        if (!content.media().isEmpty()) {
            return Optional.of("Web chat carries text only: put a link to the file into the text.");
        }
        if (text == null || text.isBlank()) {
            return Optional.of("The message is empty: give it a text.");
        }
        if (text.codePointCount(0, text.length()) > MAX_TEXT) {
            return Optional.of("The text is longer than " + MAX_TEXT + " characters: send it in several messages.");
        }
        if (!Visitor.isAddress(address.customer())) {
            return Optional.of("'" + address.customer() + "' is no visitor of the web chat: visitors write first.");
        }
        return Optional.empty();
    }

    @Override
    public int maxTextLength() {
        return MAX_TEXT;
    }

    @Override
    public SendResult send(OutboundMessage message) {
        Optional<String> refusal = refuses(message.address(), message.content());
        if (refusal.isPresent()) {
            return new SendResult.Permanent(refusal.get());
        }
        long began = nanos.getAsLong();
        Visitor visitor = visitorOf(message);
        AtomicBoolean committing = new AtomicBoolean();
        SendResult result;
        try {
            result = jdbi.inTransaction(handle -> {
                SendResult decided = put(handle, visitor, message, began);
                committing.set(true);
                return decided;
            });
        } catch (RuntimeException e) {
            log.warn("Message {} attempt {} met an error: {}", message.id(), message.attempt(), e.toString());
            // Before the commit was asked for, nothing can have been kept; after it, anything can.
            if (committing.get()) {
                return new SendResult.Unknown("the database did not say whether it kept the message: " + e);
            }
            String reason = "the database could not be used: " + e;
            return e instanceof ConnectionException
                    ? new SendResult.Unreachable(reason)
                    : SendResult.Retry.because(reason);
        }
        afterSend.accept(visitor);
        return result;
    }

    private SendResult put(Handle handle, Visitor visitor, OutboundMessage message, long began) {
        if (!mailbox.lock(handle, visitor)) {
            return new SendResult.Permanent("nobody has ever written from " + visitor.address());
        }
        String name = nameOf(message);
        if (mailbox.status(handle, visitor.tenant(), name).isEmpty()) {
            if (nanos.getAsLong() - began > PATIENCE.toNanos()) {
                return SendResult.Retry.because("the mailbox was not to be had within " + PATIENCE);
            }
            mailbox.put(
                    handle,
                    visitor,
                    new Said(
                            name,
                            message.attemptToken().toString(),
                            null,
                            message.owner(),
                            String.valueOf(message.content().text()),
                            message.attemptedAt()));
        }
        return new SendResult.Sent(name);
    }

    /** Other messages' ids do not matter: what is in the mailbox under this message's name is this message. */
    @Override
    public LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
        Visitor visitor = visitorOf(message);
        String name = nameOf(message);
        try {
            return jdbi.inTransaction(handle -> {
                mailbox.lock(handle, visitor);
                return mailbox.status(handle, visitor.tenant(), name)
                        .<LookupResult>map(status -> new LookupResult.Found(name, status))
                        .orElseGet(LookupResult.NotFound::new);
            });
        } catch (RuntimeException e) {
            return new LookupResult.Unclear("the database could not be asked: " + e);
        }
    }

    private static Visitor visitorOf(OutboundMessage message) {
        return new Visitor(message.address().tenant(), message.address().customer());
    }

    private static String nameOf(OutboundMessage message) {
        return message.id().text();
    }
}
