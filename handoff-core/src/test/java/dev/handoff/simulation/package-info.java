/**
 * The whole engine on several nodes in one thread's time: every interleaving, crash, lost answer and late callback comes
 * from one seed, and a checker holds what came of it against the invariants.
 */
@NullMarked
package dev.handoff.simulation;

import org.jspecify.annotations.NullMarked;
