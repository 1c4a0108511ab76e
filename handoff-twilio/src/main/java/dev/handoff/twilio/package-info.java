/**
 * The room for everything Twilio: who signed a webhook and what it says, how a message is sent, and what Twilio's
 * answers mean.
 */
@NullMarked
package dev.handoff.twilio;

import org.jspecify.annotations.NullMarked;
