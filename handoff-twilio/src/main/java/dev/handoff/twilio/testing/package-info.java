/** The room for hosts' own tests: a Twilio that runs on the loopback interface and speaks the real wire format. */
@NullMarked
package dev.handoff.twilio.testing;

import org.jspecify.annotations.NullMarked;
