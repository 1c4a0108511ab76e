/** The bot that answers while no host has brought its own. */
@NullMarked
package dev.handoff.runner.bot;

import org.jspecify.annotations.NullMarked;
