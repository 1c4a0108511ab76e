/** Stand-ins for a host's tests: a channel, a bot, a notifier and a clock that do as they are told. */
@NullMarked
package dev.handoff.testing;

import org.jspecify.annotations.NullMarked;
