package dev.handoff.twilio;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the URL of a status callback carries of ours; Twilio's signature covers it. */
record CallbackQuery(
        @Nullable String tenant,
        @Nullable String message,
        @Nullable UUID attempt) {

    static CallbackQuery read(String url) {
        int query = url.indexOf('?');
        int end = url.indexOf('#') < 0 ? url.length() : url.indexOf('#');
        if (query < 0 || query > end) {
            return new CallbackQuery(null, null, null);
        }
        try {
            FormBody form = FormBody.parse(url.substring(query + 1, end).getBytes(StandardCharsets.UTF_8));
            return new CallbackQuery(form.first("tenant"), form.first("message"), uuid(form.first("attempt")));
        } catch (FormBody.Malformed e) {
            // Signed, but not a query that we wrote: Twilio's own id still names the message.
            return new CallbackQuery(null, null, null);
        }
    }

    String write() {
        StringBuilder query = new StringBuilder();
        append(query, "tenant", tenant);
        append(query, "message", message);
        append(query, "attempt", attempt == null ? null : attempt.toString());
        return query.toString();
    }

    private static void append(StringBuilder query, String name, @Nullable String value) {
        if (value != null) {
            query.append(query.isEmpty() ? "?" : "&")
                    .append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
    }

    private static @Nullable UUID uuid(@Nullable String text) {
        try {
            UUID read = text == null ? null : UUID.fromString(text);
            return read != null && read.toString().equals(text) ? read : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
