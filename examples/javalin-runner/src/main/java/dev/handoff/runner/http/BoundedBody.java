package dev.handoff.runner.http;

import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads bodies up to a limit. What is beyond it is read and thrown away, whatever the headers claim: a caller who is
 * still writing would otherwise see a broken connection in place of the answer.
 */
public final class BoundedBody {
    /** Whoever sends more than this is cut off in the middle. */
    private static final long MOST_DRAINED = 64L * 1024 * 1024;

    private BoundedBody() {}

    /** The body, or its first {@code limit + 1} bytes when it is longer. */
    public static byte[] read(Context ctx, int limit) {
        try {
            InputStream in = ctx.req().getInputStream();
            ByteArrayOutputStream kept = new ByteArrayOutputStream();
            byte[] buffer = new byte[8192];
            long total = 0;
            for (int n = in.read(buffer); n >= 0 && total <= MOST_DRAINED; n = in.read(buffer)) {
                total += n;
                kept.write(buffer, 0, Math.min(n, limit + 1 - kept.size()));
            }
            return kept.toByteArray();
        } catch (IOException e) {
            throw Problem.unreadable("the body ended early or could not be read");
        }
    }
}
