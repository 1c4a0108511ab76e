package dev.handoff.runner.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Requests that Jetty refuses before any route sees them are refused in the same form as all others. */
final class JettyErrors extends ErrorHandler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problems.CONTENT_TYPE);
        Object message = request.getAttribute(ERROR_MESSAGE);
        response.write(true, body(status, message == null ? null : message.toString()), callback);
        return true;
    }

    private static ByteBuffer body(int status, @Nullable String reason) {
        String detail = reason == null ? HttpStatus.getMessage(status) : reason;
        String json = Problems.write(new Problem(status, "http", detail, null));
        return ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8));
    }
}
