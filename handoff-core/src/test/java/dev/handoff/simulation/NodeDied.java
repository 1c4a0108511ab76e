package dev.handoff.simulation;

/** Unwinds the threads of a node that has died. An Error, so that nobody takes it for a failure that can be handled. */
final class NodeDied extends Error {
    private static final long serialVersionUID = 1L;

    NodeDied() {
        super("the node has died", null, false, false);
    }
}
