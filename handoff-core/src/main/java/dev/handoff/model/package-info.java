/** What a conversation is: its state, its messages, what happened to it, and who may act on it. */
@NullMarked
package dev.handoff.model;

import org.jspecify.annotations.NullMarked;
