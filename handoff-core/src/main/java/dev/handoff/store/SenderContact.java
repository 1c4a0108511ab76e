package dev.handoff.store;

/**
 * What an attempt says of its sender, whatever became of the message.
 *
 * @param sender whose attempt it was
 * @param kind what it says
 */
public record SenderContact(SenderId sender, Kind kind) {

    /** What an attempt says of its sender. */
    public enum Kind {
        /** It was given a permit, and nothing was sent: what an open circuit has given to one try, another may have. */
        UNTRIED,
        /** The provider has taken a message, or has said something of it. */
        ANSWERED,
        /** The provider could not be reached, or its answer was lost. */
        FAILED,
        /** The provider asks to go more slowly. */
        SLOWED,
        /** The provider refuses whatever comes from this sender: a wrong password, an account that is closed. */
        REFUSED
    }
}
