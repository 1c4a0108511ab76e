package dev.handoff.model;

/** The root of all exceptions that this library throws of its own accord. */
public class HandoffException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public HandoffException(String message) {
        super(message);
    }

    public HandoffException(String message, Throwable cause) {
        super(message, cause);
    }
}
