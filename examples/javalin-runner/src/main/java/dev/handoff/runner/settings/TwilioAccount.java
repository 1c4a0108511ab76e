package dev.handoff.runner.settings;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The Twilio account that the service speaks through.
 *
 * @param apiBaseUrl a fake or a proxy in place of Twilio's own API; null for Twilio's own
 * @param from a default sender; null for none
 * @param missedInterval how often to look for messages whose webhooks were missed; zero for never
 */
public record TwilioAccount(
        String accountSid,
        String authToken,
        @Nullable String apiBaseUrl,
        @Nullable String from,
        Duration missedInterval) {

    /** Without the token, so that a log can hold it. */
    @Override
    public String toString() {
        return "TwilioAccount[" + accountSid + "]";
    }
}
