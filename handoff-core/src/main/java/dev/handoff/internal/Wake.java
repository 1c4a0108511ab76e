package dev.handoff.internal;

/** Tells a worker that there may be work. Cheap, from any thread, any number of times. */
@FunctionalInterface
interface Wake {
    void wake();
}
