/** The runner as others meet it: a process of its own, over HTTP, beside a loopback Twilio and a real database. */
@NullMarked
package dev.handoff.runner.e2e;

import org.jspecify.annotations.NullMarked;
