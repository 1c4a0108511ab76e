package dev.handoff.channel;

/** What a provider reports of a message, in the order in which it climbs; reports arrive in any order, and repeated. */
public enum DeliveryStatus {
    ACCEPTED,
    QUEUED,
    SENDING,
    SENT,
    DELIVERED,
    READ,
    /** An end, unless the message was already delivered or read (I7). */
    FAILED;

    /** The rank that only climbs: 1 for {@link #ACCEPTED} to 6 for {@link #READ}; 0 for {@link #FAILED}, which has none. */
    public int rank() {
        return this == FAILED ? 0 : ordinal() + 1;
    }
}
