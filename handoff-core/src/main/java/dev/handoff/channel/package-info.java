/** The port to the customer: how messages arrive, how they are sent and how fast, and what is known of their delivery. */
@NullMarked
package dev.handoff.channel;

import org.jspecify.annotations.NullMarked;
