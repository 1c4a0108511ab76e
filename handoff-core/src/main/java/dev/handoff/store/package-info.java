/** The port to storage: read a snapshot, commit what was decided on it, claim due work, read history and feed. */
@NullMarked
package dev.handoff.store;

import org.jspecify.annotations.NullMarked;
