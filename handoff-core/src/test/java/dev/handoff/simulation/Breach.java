package dev.handoff.simulation;

/**
 * An invariant that did not hold.
 *
 * @param invariant its number
 * @param what what happened instead
 * @param entry the place in the history at which it was seen
 */
record Breach(String invariant, String what, int entry) {
    @Override
    public String toString() {
        return invariant + " is broken: " + what;
    }
}
