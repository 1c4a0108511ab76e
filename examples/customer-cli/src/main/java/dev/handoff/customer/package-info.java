/** A customer at the command line: sends messages to a running service and shows what it hears. */
@NullMarked
package dev.handoff.customer;

import org.jspecify.annotations.NullMarked;
