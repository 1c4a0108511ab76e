/** What the operator may set, read from the environment and checked as a whole. */
@NullMarked
package dev.handoff.runner.settings;

import org.jspecify.annotations.NullMarked;
