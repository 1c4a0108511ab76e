package dev.handoff.runner.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.handoff.store.History;
import dev.handoff.store.StoreUnavailableException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.http.servlet.JavalinWsServletContext;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.eclipse.jetty.http.HttpException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever went wrong into {@code application/problem+json}; nothing of our insides goes out with it. */
public final class Problems {
    static final String CONTENT_TYPE = "application/problem+json";

    private static final Logger log = LoggerFactory.getLogger(Problems.class);

    private Problems() {}

    /** Takes over all errors of these routes. */
    public static void install(RoutesConfig routes) {
        routes.exception(Problem.class, (problem, ctx) -> answer(ctx, problem));
        routes.exception(
                History.BadCursorException.class,
                (e, ctx) -> answer(ctx, Problem.unreadable(String.valueOf(e.getMessage()))));
        routes.exception(StoreUnavailableException.class, (e, ctx) -> {
            log.warn("{} {}: the store did not answer: {}", ctx.method(), ctx.path(), e.getMessage());
            answer(ctx, Problem.unavailable("the store did not answer; repeat the request, with the same commandId"));
        });
        routes.exception(HttpResponseException.class, Problems::answerJavalins);
        routes.exception(Exception.class, (e, ctx) -> {
            // Jetty found fault with a request only after it had reached a route, as it does with handshakes.
            HttpException refused = cause(HttpException.class, e);
            if (refused != null && HttpStatus.forStatus(refused.getCode()).isClientError()) {
                // Where it is the cause of something else, its words are about Jetty's insides.
                String detail = refused == e ? refused.getReason() : "the request cannot be read";
                answer(ctx, new Problem(refused.getCode(), "http", detail, null));
                return;
            }
            // Addresses may have a scheme or characters that Jetty passes on, and wants otherwise when it upgrades
            // them.
            if (ctx instanceof JavalinWsServletContext && cause(URISyntaxException.class, e) != null) {
                answer(ctx, Problem.unreadable("the address of this handshake is no URI of the web"));
                return;
            }
            log.error("{} {} failed", ctx.method(), ctx.path(), e);
            answer(ctx, new Problem(500, "internal", "something went wrong here; the log has it", null));
        });
    }

    private static <T> @Nullable T cause(Class<T> type, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }

    static void answer(Context ctx, Problem problem) {
        if (problem.status() == 401) {
            ctx.header("WWW-Authenticate", "Bearer");
        }
        if (problem.status() == 503 || problem.status() == 429) {
            ctx.header("Retry-After", "1");
        }
        ctx.status(problem.status()).contentType(CONTENT_TYPE);
        if (ctx instanceof JavalinWsServletContext) {
            answerHandshake(ctx, write(problem));
        } else {
            ctx.result(write(problem));
        }
    }

    /** Of a handshake that is refused, Javalin sends the status and drops the result; and it has not passed the door. */
    private static void answerHandshake(Context ctx, String body) {
        SecurityHeaders.addTo(ctx::header);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try {
            ctx.res().setContentLength(bytes.length);
            ctx.res().getOutputStream().write(bytes);
        } catch (IOException e) {
            log.debug("{} has gone before the answer", ctx.ip(), e);
        }
    }

    static String write(Problem problem) {
        return write(problem.status(), problem.type(), problem.getMessage(), problem.conversation());
    }

    private static String write(int status, String type, @Nullable String detail, @Nullable ObjectNode conversation) {
        ObjectNode body = Json.object();
        body.put("type", "urn:handoff:problem:" + type);
        body.put("title", HttpStatus.forStatus(status).getMessage());
        body.put("status", status);
        body.put("detail", detail);
        if (conversation != null) {
            body.set("conversation", conversation);
        }
        return Json.write(body);
    }

    private static void answerJavalins(HttpResponseException e, Context ctx) {
        if (e instanceof MethodNotAllowedResponse) {
            String allowed = e.getDetails().get("availableMethods");
            if (allowed != null) {
                ctx.header("Allow", allowed);
            }
        }
        if (e.getStatus() == HttpStatus.NOT_FOUND.getCode()) {
            answer(ctx, Problem.nothingHere());
            return;
        }
        String type = HttpStatus.forStatus(e.getStatus())
                .getMessage()
                .toLowerCase(Locale.ROOT)
                .replace(' ', '-');
        answer(ctx, new Problem(e.getStatus(), type, String.valueOf(e.getMessage()), null));
    }
}
