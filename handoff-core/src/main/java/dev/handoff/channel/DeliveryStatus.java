package dev.handoff.channel;

/**
 * What a provider reports of a message, in the order in which it climbs. Reports arrive in any order, and repeated; what
 * they come to in the end does not depend on it. What the customer's phone has received, it has received: a failure
 * reported after {@link #DELIVERED} or {@link #READ} is recorded and not applied, and one of these reported after a failure
 * is applied.
 */
public enum DeliveryStatus {
    ACCEPTED,
    QUEUED,
    SENDING,
    SENT,
    DELIVERED,
    READ,
    /** An end, unless the message is reported as delivered or read, be it before or after (I7). */
    FAILED;

    /** The rank that only climbs: 1 for {@link #ACCEPTED} to 6 for {@link #READ}; 0 for {@link #FAILED}, which has none. */
    public int rank() {
        return this == FAILED ? 0 : ordinal() + 1;
    }
}
