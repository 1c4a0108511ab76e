package dev.handoff.store;

import dev.handoff.model.HandoffException;

/** The store did not answer. Whether the change was kept is unknown; the same change may be submitted again. */
public final class StoreUnavailableException extends HandoffException {
    private static final long serialVersionUID = 1L;

    public StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
