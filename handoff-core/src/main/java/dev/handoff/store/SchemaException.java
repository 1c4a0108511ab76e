package dev.handoff.store;

import dev.handoff.model.HandoffException;

/** The store's schema is not what this version needs; the message names what is missing and what to do. */
public final class SchemaException extends HandoffException {
    private static final long serialVersionUID = 1L;

    public SchemaException(String message) {
        super(message);
    }
}
