package dev.handoff.customer;

import org.jspecify.annotations.Nullable;

/**
 * What became of a delivery.
 *
 * @param objection what is wrong with the answer; null if it is the one expected
 */
record Outcome(String label, Answer answer, @Nullable String objection) {

    boolean asExpected() {
        return objection == null;
    }

    /** Sent, status, body, milliseconds; and the objection, if there is one. */
    String line() {
        String line = label + "  →  " + answer.summary() + "  " + answer.millis() + " ms";
        return objection == null ? line : line + "  UNEXPECTED: " + objection;
    }
}
