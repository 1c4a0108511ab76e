/** A store that keeps everything in this process: for tests, demonstrations, and hosts that may forget at a restart. */
@NullMarked
package dev.handoff.memory;

import org.jspecify.annotations.NullMarked;
