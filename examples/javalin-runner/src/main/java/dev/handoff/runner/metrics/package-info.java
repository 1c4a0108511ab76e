/** What operators watch: counters, gauges and times, as Prometheus reads them. */
@NullMarked
package dev.handoff.runner.metrics;

import org.jspecify.annotations.NullMarked;
