/** The room for the customer at the command line: writes to a running host as Twilio would, and shows what comes back. */
@NullMarked
package dev.handoff.customer;

import org.jspecify.annotations.NullMarked;
