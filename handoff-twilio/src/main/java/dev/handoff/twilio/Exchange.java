package dev.handoff.twilio;

import java.net.http.HttpHeaders;

/** What one HTTP request came to, as far as this side of the wire can know. */
sealed interface Exchange {

    /** Twilio, or something in front of it, answered; the body may be anything. */
    record Answered(int status, HttpHeaders headers, String body) implements Exchange {}

    /** No byte of the request left: name not resolved, connection refused, connect time-out, TLS not agreed. */
    record NotSent(Exception cause) implements Exchange {}

    /** The request may have arrived and may have been acted upon; nobody knows. */
    record Lost(Exception cause) implements Exchange {}
}
