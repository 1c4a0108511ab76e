/** The agents' console and the customer's page, as files. */
@NullMarked
package dev.handoff.runner.console;

import org.jspecify.annotations.NullMarked;
