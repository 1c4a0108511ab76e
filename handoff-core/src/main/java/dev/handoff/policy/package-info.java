/** What the host decides: when a human is called, how long anyone waits, what the customer is told. */
@NullMarked
package dev.handoff.policy;

import org.jspecify.annotations.NullMarked;
