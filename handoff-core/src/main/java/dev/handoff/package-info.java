/** The front door: build a {@code Handoff}, start it, give it what arrives. */
@NullMarked
package dev.handoff;

import org.jspecify.annotations.NullMarked;
