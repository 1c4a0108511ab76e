package dev.handoff.runner.console;

import dev.handoff.runner.http.Problem;
import dev.handoff.runner.http.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** The pages and what belongs to them, out of the jar. Not cached by browsers: they are small, and must match the API. */
public final class ConsoleRoutes implements Routes {
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "png", "image/png",
            "woff2", "font/woff2",
            "yaml", "application/yaml; charset=utf-8");

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/", ctx -> answer(ctx, "/console/index.html"));
        routes.get("/customer", ctx -> answer(ctx, "/console/simulator.html"));
        routes.get("/assets/{name}", ctx -> answer(ctx, "/console/assets/" + plainName(ctx.pathParam("name"))));
        routes.get("/openapi.yaml", ctx -> answer(ctx, "/openapi.yaml"));
    }

    /** A name without slashes or leading dots, so that nothing outside the folder can be named. */
    private static String plainName(String name) {
        if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*")) {
            throw Problem.notFound("there is no such file");
        }
        return name;
    }

    private static void answer(Context ctx, String resource) {
        String type = TYPES.get(resource.substring(resource.lastIndexOf('.') + 1));
        try (InputStream in = ConsoleRoutes.class.getResourceAsStream(resource)) {
            if (in == null || type == null) {
                throw Problem.notFound("there is no such file");
            }
            ctx.contentType(type).result(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(resource + " could not be read", e);
        }
    }
}
