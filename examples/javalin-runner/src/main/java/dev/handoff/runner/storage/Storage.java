package dev.handoff.runner.storage;

import dev.handoff.store.ConversationStore;

/** Where conversations are kept, with what it takes to begin and to end. */
public interface Storage extends AutoCloseable {

    /** The store; it may be used once {@link #prepare} has returned. */
    ConversationStore store();

    /**
     * Makes the store ready: connects, and brings the schema up to date. May be repeated.
     *
     * @throws NotYetException when the database is not there now and may be a moment later
     */
    void prepare();

    /** Whether the database answers now; answers itself within a few seconds. */
    boolean answers();

    @Override
    void close();

    /** The database is not there now; trying again may help. */
    final class NotYetException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public NotYetException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
