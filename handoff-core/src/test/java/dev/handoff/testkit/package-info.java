/** What every store and every channel promises, as tests that an adapter's author subclasses. */
@NullMarked
package dev.handoff.testkit;

import org.jspecify.annotations.NullMarked;
