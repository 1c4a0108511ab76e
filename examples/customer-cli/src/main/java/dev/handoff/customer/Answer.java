package dev.handoff.customer;

import org.jspecify.annotations.Nullable;

/** What came back for a delivery. */
sealed interface Answer {

    long millis();

    /** In one line, short enough for a table. */
    String summary();

    /** The host answered. */
    record Answered(int status, @Nullable String contentType, String body, long millis) implements Answer {
        @Override
        public String summary() {
            return body.isEmpty() ? String.valueOf(status) : status + " " + OneLine.of(body);
        }
    }

    /** No answer came: no connection, a cut one, or not in time. */
    record NoAnswer(String reason, long millis) implements Answer {
        @Override
        public String summary() {
            return "no answer: " + OneLine.of(reason);
        }
    }
}
