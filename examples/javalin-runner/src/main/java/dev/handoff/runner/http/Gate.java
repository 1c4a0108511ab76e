package dev.handoff.runner.http;

/** Opens once the store is prepared and the workers run, and closes when the service is about to stop. Thread-safe. */
public final class Gate {
    private enum Position {
        NOT_YET,
        OPEN,
        CLOSED
    }

    private volatile Position position = Position.NOT_YET;

    public void open() {
        if (position == Position.NOT_YET) {
            position = Position.OPEN;
        }
    }

    /** For good. */
    public void close() {
        position = Position.CLOSED;
    }

    public boolean isOpen() {
        return position == Position.OPEN;
    }

    /** 503 unless open. */
    public void requireOpen() {
        if (position != Position.OPEN) {
            throw Problem.unavailable(
                    position == Position.NOT_YET
                            ? "the service is starting and has no database yet"
                            : "the service is stopping");
        }
    }
}
