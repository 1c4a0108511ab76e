/** How requests are read, answered, limited and refused, whatever they are about. */
@NullMarked
package dev.handoff.runner.http;

import org.jspecify.annotations.NullMarked;
