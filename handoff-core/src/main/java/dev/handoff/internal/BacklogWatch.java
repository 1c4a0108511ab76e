package dev.handoff.internal;

import dev.handoff.channel.OutboundSettings;
import dev.handoff.store.Backlog;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.SenderId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says so before more waits for an inbox than it can send in time: what is queued then becomes a dead letter without having
 * been tried. One thread at a time.
 */
final class BacklogWatch {
    private static final Logger log = LoggerFactory.getLogger(BacklogWatch.class);

    /** Half of the time budget: as much is left to do something about it. */
    private static final int OF_THE_BUDGET = 2;

    private final ConversationStore store;
    private final OutboundSettings settings;
    private final Set<SenderId> warned = new HashSet<>();

    BacklogWatch(ConversationStore store, OutboundSettings settings) {
        this.store = store;
        this.settings = settings;
    }

    /** Warns once of each inbox that has too much; returns those that have. */
    Set<SenderId> look() {
        List<Backlog> tooLong =
                store.backlogs().stream().filter(this::isTooLong).toList();
        for (Backlog backlog : tooLong) {
            if (warned.add(backlog.sender())) {
                log.warn(
                        "{} messages wait to be sent from {}: at {} a second that takes {}, and what takes longer than {} is"
                                + " given up; send less, or ask the provider for a higher rate",
                        backlog.messages(),
                        backlog.sender(),
                        settings.senderRate(),
                        takes(backlog),
                        settings.timeBudget());
            }
        }
        Set<SenderId> now = tooLong.stream().map(Backlog::sender).collect(Collectors.toSet());
        warned.retainAll(now);
        return now;
    }

    private boolean isTooLong(Backlog backlog) {
        return takes(backlog).compareTo(settings.timeBudget().dividedBy(OF_THE_BUDGET)) > 0;
    }

    private Duration takes(Backlog backlog) {
        return Duration.ofMillis((long) (backlog.messages() * 1_000.0 / settings.senderRate()));
    }
}
