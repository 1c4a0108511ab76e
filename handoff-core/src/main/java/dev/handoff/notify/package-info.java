/** The port to whoever wants to be told at once: best effort, after the commit. */
@NullMarked
package dev.handoff.notify;

import org.jspecify.annotations.NullMarked;
