/** A small host around the web chat: a bot that answers, an agent who takes over by curl, a page to try it on. */
@NullMarked
package dev.handoff.webchat.host;

import org.jspecify.annotations.NullMarked;
