package dev.handoff.runner.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Requests that Jetty refuses before any route sees them are refused in the same form as all others. */
final class JettyErrors extends ErrorHandler {
    /** What Jetty puts in the place of an address that it could not read. */
    private static final String UNREAD = "/badMessage";

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Problem problem = problem(request, response.getStatus());
        response.setStatus(problem.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problems.CONTENT_TYPE);
        SecurityHeaders.addTo(response.getHeaders()::put);
        byte[] body = Problems.write(problem).getBytes(StandardCharsets.UTF_8);
        response.write(true, ByteBuffer.wrap(body), callback);
        return true;
    }

    private static Problem problem(Request request, int status) {
        if (isAddressWithoutMeaning(request)) {
            return Problem.nothingHere();
        }
        Object message = request.getAttribute(ERROR_MESSAGE);
        return new Problem(status, "http", message == null ? HttpStatus.getMessage(status) : message.toString(), null);
    }

    /** NUL or half an escape in the path: such an address names nothing, like any other that nobody has given. */
    private static boolean isAddressWithoutMeaning(Request request) {
        return UNREAD.equals(request.getHttpURI().getPath())
                && request.getAttribute(ERROR_EXCEPTION) instanceof Throwable refused
                && refused.getCause() instanceof IllegalArgumentException;
    }
}
