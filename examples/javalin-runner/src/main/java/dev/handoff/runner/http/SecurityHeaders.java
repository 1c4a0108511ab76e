package dev.handoff.runner.http;

import java.util.Map;
import java.util.function.BiConsumer;

/** Headers that every answer carries, so that a browser does with it what we mean and nothing else. */
final class SecurityHeaders {
    /** Our own scripts, styles, images and connections; nothing inline, nothing from elsewhere, in nobody's frame. */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private SecurityHeaders() {}

    private static final Map<String, String> ALL = Map.of(
            "Content-Security-Policy", CONTENT_SECURITY_POLICY,
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY",
            "Referrer-Policy", "no-referrer",
            "Cache-Control", "no-store");

    /** Sets them, one by one, on an answer of whatever kind. */
    static void addTo(BiConsumer<String, String> answer) {
        ALL.forEach(answer);
    }
}
