/** The port to the bot: what it is asked, and what it may answer. */
@NullMarked
package dev.handoff.bot;

import org.jspecify.annotations.NullMarked;
