package dev.handoff.twilio;

import com.twilio.base.Page;
import com.twilio.http.TwilioRestClient;
import com.twilio.rest.api.v2010.account.Message;
import com.twilio.rest.api.v2010.account.MessageReader;
import com.twilio.rest.api.v2010.account.message.MediaReader;
import com.twilio.type.PhoneNumber;
import dev.handoff.channel.InboundMessage;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.HandoffException;
import dev.handoff.model.Media;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What customers wrote while no webhook of theirs was answered: Twilio repeats a webhook within fifteen seconds or not at
 * all, but it keeps every message, and its list can be read later. Give each to {@link dev.handoff.Handoff#receive}: what
 * is known already is a duplicate there and changes nothing, so it does no harm to read too far back. Thread-safe.
 *
 * <p>The list knows less than a webhook: text, files and addresses, but neither the customer's name nor buttons, places or
 * other parameters. So leave the last minute to the webhooks.
 */
public final class MissedMessages {
    private static final long PAGE_SIZE = 1_000;

    private final TwilioApi api;

    private MissedMessages(TwilioApi api) {
        this.api = api;
    }

    /** Opens nothing yet, and needs no closing. */
    public static MissedMessages of(TwilioSettings settings) {
        return new MissedMessages(TwilioApi.of(settings));
    }

    /**
     * Everything that Twilio received at an inbox, oldest first, as its webhook would have brought it. Asks for as many
     * pages of a thousand as there are, and once more for each message with files.
     *
     * @param inbox the address that customers write to, such as {@code whatsapp:+14155238886}
     * @param since from this moment on, by Twilio's clock; Twilio counts whole seconds
     * @param until before this moment
     * @throws HandoffException if Twilio did not answer, or not readably: then ask again later; nothing is lost meanwhile
     */
    public List<InboundMessage> receivedAt(String inbox, Instant since, Instant until) {
        MessageReader list = new MessageReader(api.settings().accountSid())
                .setTo(new PhoneNumber(inbox))
                .setDateSentAfter(ZonedDateTime.ofInstant(since, ZoneOffset.UTC))
                .setPageSize(PAGE_SIZE);
        try {
            List<InboundMessage> received = new ArrayList<>();
            for (Message message : all(list::firstPage, list::nextPage)) {
                if (message.getDirection() == Message.Direction.INBOUND && isWithin(message, since, until)) {
                    received.add(inbound(message));
                }
            }
            Collections.reverse(received);
            return received;
        } catch (RuntimeException e) {
            throw new HandoffException(
                    "Twilio could not be asked what it received at " + inbox + ": " + TwilioApi.reason(e)
                            + ". Ask again later.",
                    e);
        }
    }

    private static boolean isWithin(Message message, Instant since, Instant until) {
        ZonedDateTime sent = message.getDateSent();
        return sent != null
                && !sent.toInstant().isBefore(since)
                && sent.toInstant().isBefore(until);
    }

    private InboundMessage inbound(Message message) {
        return new InboundMessage(
                new ConversationAddress(
                        api.settings().tenant(),
                        TwilioChannel.NAME,
                        message.getTo(),
                        message.getFrom().toString()),
                message.getSid(),
                new Content(message.getBody(), files(message), null),
                null,
                Map.of());
    }

    private List<Media> files(Message message) {
        String number = message.getNumMedia();
        if (number == null || number.equals("0")) {
            return List.of();
        }
        MediaReader list = new MediaReader(api.settings().accountSid(), message.getSid());
        List<Media> files = new ArrayList<>();
        for (com.twilio.rest.api.v2010.account.message.Media file : all(list::firstPage, list::nextPage)) {
            files.add(new Media(urlOf(file), file.getContentType()));
        }
        return files;
    }

    /** As a webhook names it: the resource without {@code .json} is the file itself. */
    private String urlOf(com.twilio.rest.api.v2010.account.message.Media file) {
        return TwilioSettings.withoutTrailingSlash(api.settings().apiBaseUrl())
                + file.getUri().replaceFirst("\\.json$", "");
    }

    private <T extends com.twilio.base.Resource> List<T> all(
            Function<TwilioRestClient, Page<T>> first, BiFunction<Page<T>, TwilioRestClient, Page<T>> next) {
        List<T> all = new ArrayList<>();
        @Nullable Page<T> page = first.apply(client());
        while (page != null) {
            all.addAll(page.getRecords());
            page = page.hasNextPage() ? next.apply(page, client()) : null;
        }
        return all;
    }

    private TwilioRestClient client() {
        return api.client(
                new SingleShotHttpClient(api.http(), Map.of(), api.http().patience()));
    }
}
