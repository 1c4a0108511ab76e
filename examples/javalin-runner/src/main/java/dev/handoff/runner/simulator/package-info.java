/** A channel without a provider, and the pretended customer at its other end. */
@NullMarked
package dev.handoff.runner.simulator;

import org.jspecify.annotations.NullMarked;
