/** The rules: which command is legal where, and what it brings about. Pure functions; no I/O, no clock, no random. */
@NullMarked
package dev.handoff.machine;

import org.jspecify.annotations.NullMarked;
