package dev.handoff.model;

/** How far an outbound message has come, as people are shown it. */
public enum Delivery {
    /** Waits to be sent, for the first time or again. */
    QUEUED,
    /** Has its permit: a send is under way. */
    DISPATCHING,
    /** The provider has accepted it. */
    SENT,
    /** It has reached the customer's device. */
    DELIVERED,
    /** The customer has opened it. */
    READ,
    /** Given up, or reported as failed by the provider. The end, unless the provider reports it as delivered after all. */
    FAILED,
    /** Perhaps sent: the provider's answer was lost. */
    UNKNOWN,
    /** Never sent, and never will be: a person had taken over. */
    SUPPRESSED
}
