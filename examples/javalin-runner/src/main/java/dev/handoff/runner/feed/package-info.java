/** What happened, as pages and as a WebSocket that resumes. */
@NullMarked
package dev.handoff.runner.feed;

import org.jspecify.annotations.NullMarked;
