package dev.handoff.internal;

import dev.handoff.channel.Channel;
import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.AttemptResult.Verdict;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.UnresolvedAttempt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what became of attempts whose outcome is unknown, once their wait for a callback is over. Asked twice in vain,
 * the provider does not have the message, and it is sent again, unless it is a bot's message of an epoch that is over: the
 * store suppresses that. A provider that cannot be asked decides nothing: it is asked again, ever more rarely, and in the
 * end the message is given up as perhaps sent, for an operator to decide; it is never sent again on a guess (I4).
 */
final class Resolver {
    private static final Logger log = LoggerFactory.getLogger(Resolver.class);
    private static final int AT_ONCE = 20;
    private static final int LOOK_UPS_IN_VAIN = 2;

    private final ConversationStore store;
    private final Map<String, Channel> channels;
    private final OutboundSettings settings;

    Resolver(ConversationStore store, Map<String, Channel> channels, OutboundSettings settings) {
        this.store = store;
        this.channels = channels;
        this.settings = settings;
    }

    /** Expires leases and looks up what is due; returns how many messages were touched. */
    int resolve() {
        int touched = store.expireLeases(AT_ONCE);
        for (int i = 0; i < AT_ONCE; i++) {
            // One at a time: a look-up may take nearly as long as its lease, and two nodes that look up the same one
            // would count one moment in vain for two.
            List<UnresolvedAttempt> next = store.claimUnresolved(1, settings.lease());
            if (next.isEmpty()) {
                break;
            }
            resolve(next.get(0));
            touched++;
        }
        return touched;
    }

    private void resolve(UnresolvedAttempt attempt) {
        OutboundMessage message = attempt.message();
        LookupResult result = lookUp(attempt);
        store.recordResults(List.of(new AttemptResult(message.id(), message.attemptToken(), verdict(attempt, result))));
        if (result instanceof LookupResult.Found found) {
            // Its callbacks may have been lost with the answer: what they would have said is known now. Whose message
            // it is, the store has just decided.
            store.recordDelivery(new DeliveryUpdate(
                    message.address().tenant(),
                    message.address().channel(),
                    null,
                    null,
                    found.providerMessageId(),
                    found.status(),
                    found.status() == DeliveryStatus.FAILED ? "the provider could not deliver it" : null));
        }
    }

    private Verdict verdict(UnresolvedAttempt attempt, LookupResult result) {
        OutboundMessage message = attempt.message();
        if (result instanceof LookupResult.Found found) {
            return new Verdict.Found(found.providerMessageId());
        }
        int lookUps = attempt.lookUps() + 1;
        if (result instanceof LookupResult.NotFound) {
            if (lookUps < LOOK_UPS_IN_VAIN) {
                return new Verdict.NotFound(lookUps, "not found at the provider yet", settings.unknownWait());
            }
            return message.attempt() >= settings.maxAttempts()
                    ? new Verdict.Dead("given up after " + message.attempt() + " attempts: not found at the provider")
                    : new Verdict.Again(Duration.ZERO, "not found at the provider: it was not sent", true);
        }
        String reason = "perhaps sent: " + ((LookupResult.Unclear) result).reason();
        Duration age = Duration.between(message.attemptedAt(), store.now());
        if (age.compareTo(settings.timeBudget()) > 0) {
            return new Verdict.Dead(reason);
        }
        // Ever more rarely: an outage of the provider is not made worse by everybody asking. But not too rarely: what
        // nobody knows of holds up all that is to be said to that customer after it.
        Duration wait = shorter(age.dividedBy(2), settings.retryCap());
        return new Verdict.Unclear(reason, wait.compareTo(settings.unknownWait()) > 0 ? wait : settings.unknownWait());
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private LookupResult lookUp(UnresolvedAttempt attempt) {
        OutboundMessage message = attempt.message();
        Channel channel = channels.get(message.address().channel());
        if (channel == null) {
            return new LookupResult.Unclear(
                    "no channel is named '" + message.address().channel() + "' here");
        }
        try {
            return channel.lookUp(message, attempt.boundElsewhere());
        } catch (RuntimeException unclear) {
            log.warn("looking up message {} attempt {} failed", message.id(), message.attempt(), unclear);
            return new LookupResult.Unclear(unclear.toString());
        }
    }
}
