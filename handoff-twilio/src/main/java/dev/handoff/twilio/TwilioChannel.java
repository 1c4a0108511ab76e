package dev.handoff.twilio;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.twilio.exception.ApiException;
import com.twilio.rest.api.v2010.account.Message;
import com.twilio.rest.api.v2010.account.MessageCreator;
import com.twilio.rest.api.v2010.account.MessageFetcher;
import com.twilio.type.PhoneNumber;
import dev.handoff.channel.Channel;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.channel.SilentMessage;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.Media;
import dev.handoff.model.Template;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * WhatsApp, SMS and MMS through Twilio's Programmable Messaging. One {@link #send} is one HTTP request, whatever comes of it.
 * Thread-safe; any number of sends run side by side.
 */
public final class TwilioChannel implements Channel {

    /** Under this name Twilio's conversations are stored. */
    public static final String NAME = "twilio";

    private static final Logger log = LoggerFactory.getLogger(TwilioChannel.class);

    /** Twilio error 21617. */
    private static final int MAX_TEXT = 1600;

    /** WhatsApp takes free text only this long after the customer's last message (Twilio error 63016). */
    private static final Duration WHATSAPP_WINDOW = Duration.ofHours(24);

    /** The SDK takes these four letters for no text at all and leaves the parameter out. */
    private static final String TEXT_THE_SDK_DROPS = "null";

    private final TwilioSettings settings;
    private final TwilioApi api;
    private final TwilioErrorCodes errorCodes = TwilioErrorCodes.load();
    private final MessageLookup lookup;

    private TwilioChannel(TwilioSettings settings) {
        this.settings = settings;
        this.api = TwilioApi.of(settings);
        this.lookup = new MessageLookup(api);
    }

    /**
     * Opens nothing yet, and needs no closing: connections and their thread come with the first send and go when nothing
     * holds the channel any more.
     *
     * @throws IllegalStateException in a process whose system properties make the JDK's HTTP client send POSTs twice
     */
    public static TwilioChannel of(TwilioSettings settings) {
        return new TwilioChannel(settings);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int maxTextLength() {
        return MAX_TEXT;
    }

    @Override
    public Optional<String> refuses(
            ConversationAddress address, Content content, @Nullable Instant lastInboundAt, Instant now) {
        if (content.isEmpty()) {
            return Optional.of("The message is empty: give it a text, a file or a template.");
        }
        if (content.template() != null) {
            return Optional.empty();
        }
        String text = content.text();
        if (text != null && length(text) > MAX_TEXT) {
            return Optional.of("The text has " + length(text) + " characters and Twilio takes " + MAX_TEXT
                    + ": send it in several messages.");
        }
        boolean windowClosed = lastInboundAt == null || !now.isBefore(lastInboundAt.plus(WHATSAPP_WINDOW));
        if (windowClosed && isWhatsApp(address)) {
            return Optional.of(
                    "The customer has not written for 24 hours, and WhatsApp now takes only an approved template:"
                            + " send one, or wait for the customer to write.");
        }
        return Optional.empty();
    }

    @Override
    public Optional<Duration> sessionWindow(ConversationAddress address) {
        return isWhatsApp(address) ? Optional.of(WHATSAPP_WINDOW) : Optional.empty();
    }

    private static boolean isWhatsApp(ConversationAddress address) {
        return address.customer().startsWith("whatsapp:");
    }

    @Override
    public SendResult send(OutboundMessage message) {
        Content content = message.content();
        if (content.isEmpty()) {
            return new SendResult.Permanent("the message is empty");
        }
        MessageCreator creator;
        try {
            creator = creator(message);
        } catch (IllegalArgumentException e) {
            return new SendResult.Permanent("not a message that Twilio could take: " + e.getMessage());
        }
        boolean dropped = content.template() == null && TEXT_THE_SDK_DROPS.equals(content.text());
        SingleShotHttpClient carrier = new SingleShotHttpClient(
                api.http(),
                dropped ? Map.of("Body", TEXT_THE_SDK_DROPS) : Map.of(),
                api.http().patience());
        RuntimeException failure;
        try {
            String sid = creator.create(api.client(carrier)).getSid();
            if (sid != null && !sid.isBlank()) {
                return new SendResult.Sent(sid);
            }
            failure = new ApiException("the answer names no message");
        } catch (RuntimeException e) {
            // Whatever the SDK makes of it, what happened on the wire decides.
            failure = e;
        }
        return failed(message, carrier.last(), failure);
    }

    @Override
    public LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
        return lookup.find(message, boundElsewhere);
    }

    @Override
    public Optional<DeliveryUpdate> reportOn(SilentMessage message) {
        SingleShotHttpClient carrier =
                new SingleShotHttpClient(api.http(), Map.of(), api.http().patience());
        Message found =
                new MessageFetcher(settings.accountSid(), message.providerMessageId()).fetch(api.client(carrier));
        if (found.getStatus() == null) {
            return Optional.empty();
        }
        Integer code = found.getErrorCode();
        String error = errorCodes.inWords(code == null ? null : code.toString(), found.getErrorMessage());
        return Optional.of(new DeliveryUpdate(
                message.address().tenant(),
                NAME,
                message.id(),
                null,
                message.providerMessageId(),
                TwilioStatus.of(found.getStatus().toString()),
                error));
    }

    private MessageCreator creator(OutboundMessage message) {
        ConversationAddress address = message.address();
        Content content = message.content();
        PhoneNumber to = new PhoneNumber(address.customer());
        TwilioApi.Sender sender = api.senderIn(address);
        Template template = content.template();
        String text = template == null ? content.text() : null;
        MessageCreator creator = sender.isMessagingService()
                ? new MessageCreator(settings.accountSid(), to, sender.name(), text)
                : new MessageCreator(settings.accountSid(), to, new PhoneNumber(sender.name()), text);
        if (template != null) {
            creator.setContentSid(template.id());
            if (!template.variables().isEmpty()) {
                creator.setContentVariables(variables(template));
            }
        } else if (!content.media().isEmpty()) {
            List<URI> urls =
                    content.media().stream().map(Media::url).map(URI::create).toList();
            creator.setMediaUrl(urls);
        }
        CallbackQuery query = new CallbackQuery(address.tenant(), message.id().text(), message.attemptToken());
        creator.setStatusCallback(URI.create(settings.publicUrlOf(settings.statusPath() + query.write())));
        creator.setValidityPeriod((int) settings.validityPeriod().toSeconds());
        return creator;
    }

    private String variables(Template template) {
        try {
            return api.json().writeValueAsString(new TreeMap<>(template.variables()));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the template's variables cannot be written as JSON", e);
        }
    }

    private SendResult failed(OutboundMessage message, @Nullable Exchange exchange, RuntimeException failure) {
        if (exchange == null) {
            return new SendResult.Permanent("the SDK refused to send it: " + TwilioApi.reason(failure));
        }
        if (exchange instanceof Exchange.NotSent notSent) {
            return new SendResult.Unreachable("Twilio could not be reached: " + notSent.cause());
        }
        if (exchange instanceof Exchange.Lost lost) {
            log.warn(
                    "No answer to {} (attempt {}): {}",
                    message.id(),
                    message.attempt(),
                    lost.cause().toString());
            return new SendResult.Unknown("no answer from Twilio: " + lost.cause());
        }
        Exchange.Answered answered = (Exchange.Answered) exchange;
        if (answered.status() / 100 == 2) {
            log.warn(
                    "An unreadable {} to {} (attempt {}): {}",
                    answered.status(),
                    message.id(),
                    message.attempt(),
                    TwilioApi.reason(failure));
            return new SendResult.Unknown("Twilio answered " + answered.status() + ", but not readably");
        }
        Integer code = failure instanceof ApiException e ? e.getCode() : null;
        TwilioErrorCodes.Judgement judgement = errorCodes.judge(answered.status(), code);
        String reason = code == null
                ? "Twilio answered " + answered.status()
                : "Twilio " + code + ": " + TwilioApi.reason(failure);
        return switch (judgement.reaction()) {
            case RETRY, WAIT -> new SendResult.Retry(reason, answered.retryAfter(), judgement.slowsSender());
            case AMBIGUOUS -> new SendResult.Unknown(reason);
            case NEEDS_TEMPLATE -> new SendResult.NeedsTemplate(reason);
            case PERMANENT -> new SendResult.Permanent(reason, judgement.ofWholeSender());
        };
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
