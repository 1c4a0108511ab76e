package dev.handoff.model;

/** Whether an agent wants work. */
public enum Availability {
    AVAILABLE,
    AWAY,
    OFFLINE
}
