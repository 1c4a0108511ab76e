package dev.handoff.twilio;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.twilio.http.TwilioRestClient;
import dev.handoff.model.ConversationAddress;

/** One account behind the SDK, reached with our own way of carrying requests. Thread-safe. */
record TwilioApi(TwilioSettings settings, TwilioHttp http, ObjectMapper json) {

    static TwilioApi of(TwilioSettings settings) {
        return new TwilioApi(
                settings,
                new TwilioHttp(settings.apiBaseUrl(), settings.connectTimeout(), settings.readTimeout()),
                new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES));
    }

    /** For the one call that {@code carrier} was made for; cheap, as the mapper with its caches is shared. */
    TwilioRestClient client(SingleShotHttpClient carrier) {
        return new TwilioRestClient.Builder(
                        settings.accountSid(), settings.authTokens().get(0))
                .httpClient(carrier)
                .objectMapper(json)
                .build();
    }

    /**
     * Who speaks in a conversation: its inbox, else the default sender.
     *
     * @throws IllegalArgumentException if there is neither
     */
    Sender senderIn(ConversationAddress address) {
        String inbox = address.inbox();
        String name = inbox.isBlank() && settings.defaultFrom() != null ? settings.defaultFrom() : inbox;
        if (name.isBlank()) {
            throw new IllegalArgumentException("the conversation has no inbox and no default sender is set");
        }
        return new Sender(name);
    }

    /**
     * What went wrong, fit for a log and for an agent's screen: of an answer that it could not read the SDK's exception holds
     * the whole, with what customers wrote.
     */
    static String reason(RuntimeException e) {
        String message = String.valueOf(e.getMessage());
        int answer = message.indexOf("\nJSON:");
        return answer < 0 ? message : message.substring(0, answer);
    }

    record Sender(String name) {
        /**
         * A Messaging Service picks the address itself, perhaps only after it has accepted the message. Its SID is told by
         * its length from an alphanumeric sender such as {@code MGSTORE}.
         */
        boolean isMessagingService() {
            return name.matches("MG[0-9A-Fa-f]{32}");
        }
    }
}
