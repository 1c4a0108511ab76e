/** The engine behind the front door: how commands are committed and how workers run. Not API. */
@NullMarked
package dev.handoff.internal;

import org.jspecify.annotations.NullMarked;
