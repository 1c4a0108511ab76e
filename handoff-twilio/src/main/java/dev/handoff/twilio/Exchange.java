package dev.handoff.twilio;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** What one HTTP request came to, as far as this side of the wire can know. */
sealed interface Exchange {

    /** Twilio, or something in front of it, answered; the body may be anything. */
    record Answered(int status, HttpHeaders headers, String body) implements Exchange {

        /**
         * How long {@code Retry-After} asks to wait, whether it says so in seconds or as a date. A date is read against the
         * answer's own {@code Date}, so that no clock of ours has to agree with Twilio's.
         *
         * @return null without that header, or if it cannot be read or asks for no wait at all: then nothing but our own
         *     back-off keeps the attempts apart
         */
        @Nullable
        Duration retryAfter() {
            String value = headers.firstValue("Retry-After").orElse("");
            if (value.matches("[0-9]{1,9}")) {
                return positive(Duration.ofSeconds(Long.parseLong(value)));
            }
            try {
                Instant now = httpDate(headers.firstValue("Date").orElse(""));
                return positive(Duration.between(now, httpDate(value)));
            } catch (DateTimeParseException e) {
                return null;
            }
        }

        private static Instant httpDate(String text) {
            return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text));
        }

        private static @Nullable Duration positive(Duration wait) {
            return wait.isZero() || wait.isNegative() ? null : wait;
        }
    }

    /** No byte of the request left: name not resolved, connection refused, connect time-out, TLS not agreed. */
    record NotSent(Exception cause) implements Exchange {}

    /** The request may have arrived and may have been acted upon; nobody knows. */
    record Lost(Exception cause) implements Exchange {}
}
