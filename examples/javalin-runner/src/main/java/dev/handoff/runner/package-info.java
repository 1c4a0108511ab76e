/** The service: the library behind HTTP, a console, a simulator and a demo bot; a host to read and to copy from. */
@NullMarked
package dev.handoff.runner;

import org.jspecify.annotations.NullMarked;
