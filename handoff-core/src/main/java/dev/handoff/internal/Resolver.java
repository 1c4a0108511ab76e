package dev.handoff.internal;

import dev.handoff.channel.Channel;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.AttemptResult.Verdict;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.UnresolvedAttempt;
import java.time.Duration;
import java.util.ArrayList;
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
    private static final int CLAIMED_AT_ONCE = 20;
    private static final int LOOK_UPS_IN_VAIN = 2;
    private static final int LOOK_UPS_UNCLEAR = 10;

    private final ConversationStore store;
    private final Map<String, Channel> channels;
    private final Duration wait;
    private final Duration lease;
    private final int maxAttempts;

    Resolver(ConversationStore store, Map<String, Channel> channels, Duration wait, Duration lease, int maxAttempts) {
        this.store = store;
        this.channels = channels;
        this.wait = wait;
        this.lease = lease;
        this.maxAttempts = maxAttempts;
    }

    /** Expires leases and looks up what is due; returns how many messages were touched. */
    int resolve() {
        int expired = store.expireLeases(CLAIMED_AT_ONCE);
        List<AttemptResult> results = new ArrayList<>();
        for (UnresolvedAttempt attempt : store.claimUnresolved(CLAIMED_AT_ONCE, lease)) {
            OutboundMessage message = attempt.message();
            results.add(new AttemptResult(message.id(), message.attemptToken(), verdict(attempt)));
        }
        if (!results.isEmpty()) {
            store.recordResults(results);
        }
        return expired + results.size();
    }

    private Verdict verdict(UnresolvedAttempt attempt) {
        OutboundMessage message = attempt.message();
        LookupResult result = lookUp(attempt);
        if (result instanceof LookupResult.Found found) {
            return new Verdict.Sent(found.providerMessageId());
        }
        int lookUps = attempt.lookUps() + 1;
        if (result instanceof LookupResult.NotFound) {
            if (lookUps < LOOK_UPS_IN_VAIN) {
                return new Verdict.Unknown("not found at the provider yet", wait);
            }
            return message.attempt() >= maxAttempts
                    ? new Verdict.Dead("given up after " + message.attempt() + " attempts: not found at the provider")
                    : new Verdict.Again(Duration.ZERO, "not found at the provider: it was not sent", true);
        }
        String reason = "perhaps sent: " + ((LookupResult.Unclear) result).reason();
        return lookUps >= LOOK_UPS_UNCLEAR
                ? new Verdict.Dead(reason)
                : new Verdict.Unknown(reason, wait.multipliedBy(1L << Math.min(8, lookUps)));
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
