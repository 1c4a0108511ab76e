/** Conversations over HTTP: what can be read of them, and what agents may do in them. */
@NullMarked
package dev.handoff.runner.conversations;

import org.jspecify.annotations.NullMarked;
