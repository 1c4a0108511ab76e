package dev.handoff;

import dev.handoff.bot.BotSettings;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.store.SenderState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Sentences about wrong settings, collected so that all are reported together. */
final class Problems {
    private final List<String> found = new ArrayList<>();

    void add(String problem) {
        found.add(problem);
    }

    void addAll(List<String> problems) {
        found.addAll(problems);
    }

    void in(BotSettings bot) {
        positive("bot.timeLimit", bot.timeLimit());
        positive("bot.retryDelay", bot.retryDelay());
        positive("bot.lease", bot.lease());
        atLeastOne("bot.maxAttempts", bot.maxAttempts());
        atLeastOne("bot.concurrency", bot.concurrency());
        atLeastOne("bot.historyLimit", bot.historyLimit());
    }

    void in(OutboundSettings outbound) {
        atLeastOne("outbound.maxAttempts", outbound.maxAttempts());
        atLeastOne("outbound.concurrency", outbound.concurrency());
        positive("outbound.retryBase", outbound.retryBase());
        positive("outbound.retryCap", outbound.retryCap());
        positive("outbound.timeBudget", outbound.timeBudget());
        positive("outbound.unknownWait", outbound.unknownWait());
        Duration latest = SenderState.AHEAD.multipliedBy(2);
        if (outbound.permitFor().compareTo(latest) <= 0) {
            add("outbound.permitFor: must be longer than " + latest
                    + ", since the pace may have a send begin that late, not " + outbound.permitFor());
        }
        if (!(outbound.senderRate() > 0) || !(outbound.recipientRate() > 0)) {
            add("outbound.pace: rates must be above 0, not " + outbound.senderRate() + " and "
                    + outbound.recipientRate());
        }
        if (outbound.lease().compareTo(outbound.permitFor()) <= 0) {
            add("outbound.lease: must be longer than permitFor (" + outbound.permitFor()
                    + ") plus the channel's time-out, not " + outbound.lease());
        }
    }

    void positive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            add(name + ": must be above zero, not " + value);
        }
    }

    private void atLeastOne(String name, int value) {
        if (value < 1) {
            add(name + ": must be 1 or more, not " + value);
        }
    }

    boolean areFound() {
        return !found.isEmpty();
    }

    List<String> all() {
        return found;
    }
}
