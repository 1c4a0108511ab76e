package dev.handoff.runner.settings;

import org.jspecify.annotations.Nullable;

/**
 * The Twilio account that the service speaks through.
 *
 * @param apiBaseUrl a fake or a proxy in place of Twilio's own API; null for Twilio's own
 * @param from a default sender; null for none
 */
public record TwilioAccount(
        String accountSid,
        String authToken,
        @Nullable String apiBaseUrl,
        @Nullable String from) {

    /** Without the token, so that a log can hold it. */
    @Override
    public String toString() {
        return "TwilioAccount[" + accountSid + "]";
    }
}
