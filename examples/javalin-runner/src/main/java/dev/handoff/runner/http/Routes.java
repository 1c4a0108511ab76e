package dev.handoff.runner.http;

import io.javalin.config.RoutesConfig;

/** The routes of one concern. */
@FunctionalInterface
public interface Routes {
    void addTo(RoutesConfig routes);
}
