/** What Twilio calls. */
@NullMarked
package dev.handoff.runner.webhooks;

import org.jspecify.annotations.NullMarked;
