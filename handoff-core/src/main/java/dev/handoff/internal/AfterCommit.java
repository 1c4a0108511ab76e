package dev.handoff.internal;

import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.notify.Notifier;
import dev.handoff.store.ChangeSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows a commit in this process: workers are woken and notifiers told, outside all locks. If the process dies on
 * the way here, nothing is lost: workers poll, and whoever must miss nothing reads the feed.
 */
final class AfterCommit {
    private static final Logger log = LoggerFactory.getLogger(AfterCommit.class);

    private final List<Notifier> notifiers;
    private final Wake bot;
    private final Wake outbound;
    private final Wake feed;

    AfterCommit(List<Notifier> notifiers, Wake bot, Wake outbound, Wake feed) {
        this.notifiers = notifiers;
        this.bot = bot;
        this.outbound = outbound;
        this.feed = feed;
    }

    void tell(ChangeSet change) {
        if (change.next().owesBotTurn()) {
            bot.wake();
        }
        if (change.messages().stream().anyMatch(message -> message.delivery() == Delivery.QUEUED)) {
            outbound.wake();
        }
        feed.wake();
        for (Notifier notifier : notifiers) {
            try {
                notifier.committed(change.next(), change.events());
            } catch (RuntimeException bestEffort) {
                ConversationId id = change.next().id();
                log.warn(
                        "a notifier failed on conversation {} version {}",
                        id,
                        change.next().version(),
                        bestEffort);
            }
        }
    }
}
