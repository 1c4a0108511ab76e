/** Who may use the service: agents, their tokens, and what they say about themselves. */
@NullMarked
package dev.handoff.runner.agents;

import org.jspecify.annotations.NullMarked;
