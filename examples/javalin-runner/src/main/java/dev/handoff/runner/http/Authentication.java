package dev.handoff.runner.http;

import io.javalin.http.Context;

/** Finds out who sends a request, and leaves a note of it in the request. */
@FunctionalInterface
public interface Authentication {
    /**
     * @return the caller's name, unique among all callers
     * @throws Problem 401 when nobody knows them
     */
    String authenticate(Context ctx);
}
