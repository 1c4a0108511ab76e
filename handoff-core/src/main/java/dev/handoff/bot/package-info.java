/** The port to the bot: what it is asked, what it may answer, and how it is called. */
@NullMarked
package dev.handoff.bot;

import org.jspecify.annotations.NullMarked;
