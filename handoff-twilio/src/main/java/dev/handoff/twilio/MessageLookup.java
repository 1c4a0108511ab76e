package dev.handoff.twilio;

import com.twilio.base.Page;
import com.twilio.http.TwilioRestClient;
import com.twilio.rest.api.v2010.account.Message;
import com.twilio.rest.api.v2010.account.MessageReader;
import com.twilio.type.PhoneNumber;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.model.Content;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a send whose answer was lost has arrived. Twilio has neither an idempotency key nor a place for our id, so
 * its list of messages is compared with what was sent. Thread-safe.
 */
final class MessageLookup {

    private static final Logger log = LoggerFactory.getLogger(MessageLookup.class);

    private static final long PAGE_SIZE = 100;
    private static final int MAX_PAGES = 3;

    /** The attempt's time is our database's, a message's is Twilio's. */
    private static final Duration CLOCKS_DIFFER_BY = Duration.ofSeconds(60);

    /** Twilio puts this before every text of a trial account. */
    private static final String TRIAL_PREFIX = "Sent from your Twilio trial account - ";

    private final TwilioApi api;

    MessageLookup(TwilioApi api) {
        this.api = api;
    }

    LookupResult find(OutboundMessage message, Set<String> boundElsewhere) {
        try {
            Search search = new Search(message, boundElsewhere);
            search.throughDated();
            if (search.best == null) {
                search.throughAll();
            }
            return search.result();
        } catch (RuntimeException e) {
            String why = TwilioApi.reason(e);
            log.warn(
                    "Twilio could not be asked what became of {} (attempt {}): {}",
                    message.id(),
                    message.attempt(),
                    why);
            return new LookupResult.Unclear("Twilio could not be asked: " + why);
        }
    }

    /** One look through the list, at most {@link #MAX_PAGES} pages a listing; the oldest match wins. */
    private final class Search {
        private final OutboundMessage wanted;
        private final Set<String> boundElsewhere;
        private final TwilioApi.Sender sender;
        private final Instant since;
        private @Nullable Message best;
        private boolean sawAll = true;

        /** A lookup is made under the same lease as a send, so that it has to end as soon, all its pages together. */
        private final long end = System.nanoTime() + api.http().patience().toNanos();

        Search(OutboundMessage wanted, Set<String> boundElsewhere) {
            this.wanted = wanted;
            this.boundElsewhere = boundElsewhere;
            this.sender = api.senderIn(wanted.address());
            this.since = wanted.attemptedAt().minus(CLOCKS_DIFFER_BY);
        }

        void throughDated() {
            if (!sender.isMessagingService()) {
                through(toCustomer()
                        .setFrom(new PhoneNumber(sender.name()))
                        .setDateSentAfter(ZonedDateTime.ofInstant(since, ZoneOffset.UTC)));
            }
        }

        /** A message that is still queued has no date yet and, behind a Messaging Service, no sender either. */
        void throughAll() {
            through(toCustomer());
        }

        private MessageReader toCustomer() {
            return new MessageReader(api.settings().accountSid())
                    .setTo(new PhoneNumber(wanted.address().customer()))
                    .setPageSize(PAGE_SIZE);
        }

        private void through(MessageReader reader) {
            boolean more = true;
            Page<Message> page = null;
            for (int pages = 0; more; pages++) {
                Duration left = Duration.ofNanos(end - System.nanoTime());
                if (pages == MAX_PAGES || left.isNegative()) {
                    sawAll = false;
                    return;
                }
                TwilioRestClient client = api.client(new SingleShotHttpClient(api.http(), Map.of(), left));
                page = page == null ? reader.firstPage(client) : reader.nextPage(page, client);
                more = !look(page) && page.hasNextPage();
            }
        }

        /**
         * Twilio lists the newest first, so that a message from before the attempt ends the search. The page is looked at to
         * its end all the same: where messages without a date stand is not documented.
         */
        private boolean look(Page<Message> page) {
            boolean reachedThePast = false;
            for (Message candidate : page.getRecords()) {
                if (isOlder(candidate)) {
                    reachedThePast = true;
                } else if (matches(candidate)) {
                    best = candidate;
                }
            }
            return reachedThePast;
        }

        LookupResult result() {
            Message found = best;
            if (found == null) {
                return sawAll
                        ? new LookupResult.NotFound()
                        : new LookupResult.Unclear(
                                "too many messages to this customer, or too slow a list, to look through");
            }
            if (wanted.content().template() != null) {
                return new LookupResult.Unclear(
                        "perhaps " + found.getSid() + ": Twilio's list does not name templates");
            }
            String status = found.getStatus() == null ? "" : found.getStatus().toString();
            return new LookupResult.Found(found.getSid(), TwilioStatus.of(status));
        }

        private boolean isOlder(Message candidate) {
            ZonedDateTime created = candidate.getDateCreated();
            return created != null && created.toInstant().isBefore(since);
        }

        private boolean matches(Message candidate) {
            boolean inbound = candidate.getDirection() == Message.Direction.INBOUND;
            String from =
                    candidate.getFrom() == null ? null : candidate.getFrom().toString();
            boolean sameSender =
                    sender.isMessagingService() || from == null || from.isBlank() || from.equals(sender.name());
            return candidate.getSid() != null
                    && !inbound
                    && sameSender
                    && wanted.address().customer().equals(candidate.getTo())
                    && !boundElsewhere.contains(candidate.getSid())
                    && sameContent(candidate);
        }

        private boolean sameContent(Message candidate) {
            Content content = wanted.content();
            if (content.template() != null) {
                return true;
            }
            String sent = content.text() == null ? "" : content.text().strip();
            String listed =
                    candidate.getBody() == null ? "" : candidate.getBody().strip();
            boolean sameText = listed.equals(sent) || listed.equals((TRIAL_PREFIX + sent).strip());
            String files = candidate.getNumMedia();
            boolean sameFiles =
                    files == null || files.equals(String.valueOf(content.media().size()));
            return sameText && sameFiles;
        }
    }
}
