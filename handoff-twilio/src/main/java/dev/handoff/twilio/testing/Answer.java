package dev.handoff.twilio.testing;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What {@link FakeTwilio} does with one request to send. Immutable; each method gives a changed copy. */
public final class Answer {

    enum Wire {
        JSON,
        UNREADABLE,
        HTML,
        CUT
    }

    final Wire wire;
    final int status;
    final int code;
    final @Nullable String message;
    final boolean accepts;
    final @Nullable Integer retryAfterSeconds;
    final Duration delay;

    private Answer(
            Wire wire,
            int status,
            int code,
            @Nullable String message,
            boolean accepts,
            @Nullable Integer retryAfterSeconds,
            Duration delay) {
        this.wire = wire;
        this.status = status;
        this.code = code;
        this.message = message;
        this.accepts = accepts;
        this.retryAfterSeconds = retryAfterSeconds;
        this.delay = delay;
    }

    /** What happens when nothing is scripted: checked as Twilio does, then 201 and {@code queued}. */
    public static Answer accepted() {
        return new Answer(Wire.JSON, 201, 0, null, true, null, Duration.ZERO);
    }

    /** Refused with this status and the code that Twilio usually gives with it. */
    public static Answer status(int status) {
        int code = switch (status) {
            case 401 -> 20003;
            case 404 -> 20404;
            case 429 -> 20429;
            case 500 -> 20500;
            case 503 -> 20503;
            default -> 20001;
        };
        return error(status, code, "Scripted " + status);
    }

    /** Refused with this status, code and message. */
    public static Answer error(int status, int code, String message) {
        return new Answer(Wire.JSON, status, code, message, false, null, Duration.ZERO);
    }

    /** The message is accepted, and the connection is reset in place of an answer. */
    public static Answer cutAfterAcceptance() {
        return new Answer(Wire.CUT, 0, 0, null, true, null, Duration.ZERO);
    }

    /** The message is not accepted, and the connection is reset in place of an answer. */
    public static Answer cutBeforeAcceptance() {
        return new Answer(Wire.CUT, 0, 0, null, false, null, Duration.ZERO);
    }

    /** The message is accepted; the 201 holds half a JSON document. */
    public static Answer unreadable201() {
        return new Answer(Wire.UNREADABLE, 201, 0, null, true, null, Duration.ZERO);
    }

    /** A gateway's error page; the message is not accepted. */
    public static Answer html502() {
        return new Answer(Wire.HTML, 502, 0, null, false, null, Duration.ZERO);
    }

    /** With a {@code Retry-After} header. */
    public Answer retryAfter(int seconds) {
        return new Answer(wire, status, code, message, accepts, seconds, delay);
    }

    /** Sent only after this time; what is accepted is accepted at once. */
    public Answer after(Duration delay) {
        return new Answer(wire, status, code, message, accepts, retryAfterSeconds, delay);
    }

    /** The message is accepted all the same, whatever the answer says. */
    public Answer butAccepted() {
        return new Answer(wire, status, code, message, true, retryAfterSeconds, delay);
    }
}
