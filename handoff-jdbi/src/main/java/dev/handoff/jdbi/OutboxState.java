package dev.handoff.jdbi;

/** How far the sending of a message has come; how far the provider says that it has come is its rank. */
enum OutboxState {
    QUEUED,
    DISPATCHING,
    UNKNOWN,
    SENT,
    FAILED,
    SUPPRESSED
}
