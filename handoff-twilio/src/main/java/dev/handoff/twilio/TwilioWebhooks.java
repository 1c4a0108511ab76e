package dev.handoff.twilio;

import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.InboundMessage;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.Media;
import dev.handoff.model.MessageId;
import dev.handoff.model.StorableText;
import dev.handoff.twilio.TwilioWebhook.Refusal;
import dev.handoff.twilio.TwilioWebhook.Refused;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The front for Twilio's webhooks: believes only what the account's token has signed, then reads it. Fails closed. Immutable.
 *
 * <p>Twilio by default repeats a webhook only when it could not connect; a 5xx loses the message unless the webhook's URL in
 * Twilio's console ends with {@code #rc=5&rp=all}
 * (<a href="https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides">connection overrides</a>).
 */
public final class TwilioWebhooks {

    /** A larger body is refused unread. Twilio's longest message is a third of it. */
    public static final int MAX_BODY_BYTES = 64 * 1024;

    /**
     * The answer to an inbound message, to be sent as {@link #TWIML_CONTENT_TYPE}: reply with nothing now. Any
     * {@code text/plain} body would be sent to the customer as a message.
     */
    public static final String EMPTY_TWIML = "<Response/>";

    /** The {@code Content-Type} of {@link #EMPTY_TWIML}. */
    public static final String TWIML_CONTENT_TYPE = "text/xml";

    private static final Pattern MEDIA_URL = Pattern.compile("MediaUrl(0|[1-9][0-9]{0,3})");

    private final TwilioSettings settings;
    private final TwilioSignature signature;
    private final TwilioErrorCodes errorCodes;

    private TwilioWebhooks(TwilioSettings settings) {
        this.settings = settings;
        this.signature = new TwilioSignature(settings.authTokens());
        this.errorCodes = TwilioErrorCodes.load();
    }

    /** Believes the account of these settings, whichever of its tokens has signed. */
    public static TwilioWebhooks of(TwilioSettings settings) {
        return new TwilioWebhooks(settings);
    }

    /**
     * Says what a request to either webhook is. The order of refusal is fixed: too large, no signature, undecodable, wrongly
     * signed or another account's, incomplete.
     */
    public TwilioWebhook verifyAndParse(TwilioRequest request) {
        if (request.body().length > MAX_BODY_BYTES) {
            return new Refused(Refusal.TOO_LARGE, "the body is over " + MAX_BODY_BYTES + " bytes");
        }
        String given = request.signature();
        if (given == null || given.isBlank()) {
            return new Refused(Refusal.FORBIDDEN, "there is no X-Twilio-Signature");
        }
        BodyType type = BodyType.of(request.contentType());
        if (type == BodyType.OTHER) {
            return new Refused(Refusal.MALFORMED, "neither a form in UTF-8 nor JSON: " + request.contentType());
        }
        if (type == BodyType.JSON) {
            // Twilio signs JSON for other products; nothing that is a message comes that way.
            return signature.matchesBody(given, request.url(), request.body())
                    ? new Refused(Refusal.MALFORMED, "a signed JSON body, which is no message and no status")
                    : wrongSignature(request);
        }
        FormBody form;
        try {
            form = FormBody.parse(request.body());
        } catch (FormBody.Malformed e) {
            return new Refused(Refusal.MALFORMED, String.valueOf(e.getMessage()));
        }
        if (!signature.matchesForm(given, request.url(), form.byName())) {
            return wrongSignature(request);
        }
        String account = form.first("AccountSid");
        if (!settings.accountSid().equals(account)) {
            return new Refused(Refusal.FORBIDDEN, "rightly signed, but for account " + account);
        }
        String word = statusWord(form);
        return word == null ? inbound(form) : status(form, word, request.url());
    }

    private TwilioWebhook inbound(FormBody form) {
        String sid = firstFilled(form, "MessageSid");
        String from = firstFilled(form, "From");
        String to = firstFilled(form, "To");
        if (sid == null || from == null || to == null) {
            return new Refused(Refusal.MALFORMED, "an inbound message needs MessageSid, From and To");
        }
        InboundMessage message = new InboundMessage(
                new ConversationAddress(settings.tenant(), TwilioChannel.NAME, to, from),
                sid,
                new Content(form.first("Body"), media(form), null),
                firstFilled(form, "ProfileName"),
                fields(form));
        return new TwilioWebhook.Inbound(message.with(StructuredParameters.in(message.fields())));
    }

    private TwilioWebhook status(FormBody form, String word, String url) {
        String sid = firstFilled(form, "MessageSid");
        if (sid == null) {
            return new Refused(Refusal.MALFORMED, "a status callback needs MessageSid");
        }
        CallbackQuery query = CallbackQuery.read(url);
        String tenant = query.tenant() == null ? settings.tenant() : query.tenant();
        MessageId message = query.message() == null
                ? null
                : MessageId.parse(tenant, query.message()).orElse(null);
        return new TwilioWebhook.Status(new DeliveryUpdate(
                tenant, TwilioChannel.NAME, message, query.attempt(), sid, TwilioStatus.of(word), error(form)));
    }

    /** The word that makes a webhook a status callback; null for an inbound message. */
    private static @Nullable String statusWord(FormBody form) {
        String word = firstFilled(form, "MessageStatus", "SmsStatus");
        return word == null || TwilioStatus.isInbound(word) ? null : word;
    }

    private @Nullable String error(FormBody form) {
        return errorCodes.inWords(
                firstFilled(form, "ErrorCode"), firstFilled(form, "ErrorMessage", "ChannelStatusMessage"));
    }

    /** The value of the first of these parameters that is there and not blank. */
    private static @Nullable String firstFilled(FormBody form, String... names) {
        for (String name : names) {
            String value = form.first(name);
            if (value != null && !value.isBlank()) {
                return value;
            }
        }
        return null;
    }

    /** Every file whose URL came, whatever NumMedia claims: a wrong count must lose nothing and invent nothing. */
    private static List<Media> media(FormBody form) {
        Map<Integer, String> urls = new TreeMap<>();
        for (FormBody.Parameter parameter : form.parameters()) {
            Matcher name = MEDIA_URL.matcher(parameter.name());
            if (name.matches() && !parameter.value().isBlank()) {
                urls.putIfAbsent(Integer.valueOf(name.group(1)), parameter.value());
            }
        }
        List<Media> media = new ArrayList<>();
        urls.forEach((index, url) -> media.add(new Media(url, form.first("MediaContentType" + index))));
        return media;
    }

    /**
     * All parameters; Twilio sends each once, but should one come again it is kept under {@code name#2}, or the next number
     * that is no parameter's own name.
     */
    private static Map<String, String> fields(FormBody form) {
        Map<String, String> fields = new LinkedHashMap<>();
        List<FormBody.Parameter> again = new ArrayList<>();
        for (FormBody.Parameter parameter : form.parameters()) {
            // Two names that differ only in what cannot be stored would be one in the store.
            if (fields.putIfAbsent(StorableText.of(parameter.name()), parameter.value()) != null) {
                again.add(parameter);
            }
        }
        // Where each name's numbers go on: to begin at 2 each time takes seconds for a body of one name alone.
        Map<String, Integer> next = new HashMap<>();
        for (FormBody.Parameter parameter : again) {
            String name = StorableText.of(parameter.name());
            int number = next.getOrDefault(name, 2);
            while (fields.putIfAbsent(name + "#" + number, parameter.value()) != null) {
                number++;
            }
            next.put(name, number + 1);
        }
        return fields;
    }

    private static Refused wrongSignature(TwilioRequest request) {
        return new Refused(
                Refusal.FORBIDDEN,
                "the signature is wrong for " + request.url()
                        + ": is this the URL that Twilio's console holds, and the token the account's?");
    }

    private enum BodyType {
        FORM,
        JSON,
        OTHER;

        /** Without a header it is taken for what Twilio sends; the signature decides anyway. */
        static BodyType of(@Nullable String contentType) {
            if (contentType == null || contentType.isBlank()) {
                return FORM;
            }
            String[] parts = contentType.toLowerCase(Locale.ROOT).split(";", -1);
            return switch (parts[0].strip()) {
                case "application/json" -> JSON;
                case "application/x-www-form-urlencoded" -> isUtf8(parts) ? FORM : OTHER;
                default -> OTHER;
            };
        }

        private static boolean isUtf8(String[] parts) {
            for (int i = 1; i < parts.length; i++) {
                String parameter = parts[i].strip().replace("\"", "");
                if (parameter.startsWith("charset=") && !parameter.equals("charset=utf-8")) {
                    return false;
                }
            }
            return true;
        }
    }
}
