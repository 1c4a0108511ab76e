package dev.handoff.webchat;

import dev.handoff.model.MessageOwner;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One message in a visitor's mailbox: what they wrote, or what was sent to them. Notes and what was suppressed never get
 * here, so that whatever is here may be shown.
 *
 * @param message the library's name for it, which is also the provider's: a message comes here once, however often it is tried
 * @param attempt by which attempt it came here; null for what the visitor wrote
 * @param clientId the widget's name for what the visitor wrote; null for what was sent
 * @param author who says it
 * @param text what it says
 * @param at when, by the store's clock
 */
record Said(
        String message,
        @Nullable String attempt,
        @Nullable String clientId,
        MessageOwner author,
        String text,
        Instant at) {

    /** A message and its place in the mailbox. */
    record Placed(long place, Said said) {}
}
