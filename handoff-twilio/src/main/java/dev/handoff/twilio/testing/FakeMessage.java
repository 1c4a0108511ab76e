package dev.handoff.twilio.testing;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message as {@link FakeTwilio} holds it: a snapshot.
 *
 * @param status Twilio's word, such as {@code queued}
 * @param sentAt null until it has left Twilio's queue
 * @param parameters everything the send request carried, or for an inbound message nothing
 */
public record FakeMessage(
        String sid,
        @Nullable String from,
        String to,
        String body,
        List<String> mediaUrls,
        String status,
        @Nullable Integer errorCode,
        Instant acceptedAt,
        @Nullable Instant sentAt,
        Map<String, List<String>> parameters) {

    /** Twilio's dates are RFC 2822, as in {@code Mon, 23 Nov 2026 09:05:00 +0000}. */
    private static final DateTimeFormatter RFC_2822 = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    static FakeMessage outbound(String sid, Map<String, List<String>> form, Instant now) {
        return new FakeMessage(
                sid,
                first(form, "From"),
                String.valueOf(first(form, "To")),
                first(form, "Body") == null ? "" : String.valueOf(first(form, "Body")),
                form.getOrDefault("MediaUrl", List.of()),
                first(form, "From") == null ? "accepted" : "queued",
                null,
                now,
                null,
                form);
    }

    static FakeMessage inbound(String sid, String from, String to, String body, List<String> mediaUrls, Instant now) {
        return new FakeMessage(sid, from, to, body, mediaUrls, "received", null, now, now, Map.of());
    }

    FakeMessage with(String newStatus, @Nullable Integer newErrorCode, Instant now) {
        boolean waits = List.of("accepted", "scheduled", "queued", "sending").contains(newStatus);
        Instant sent = sentAt == null && !waits ? now : sentAt;
        return new FakeMessage(sid, from, to, body, mediaUrls, newStatus, newErrorCode, acceptedAt, sent, parameters);
    }

    /** The URL that the send named for status callbacks; null if none. */
    public @Nullable String statusCallback() {
        return first(parameters, "StatusCallback");
    }

    boolean isInbound() {
        return status.equals("received");
    }

    Map<String, @Nullable Object> resource(String accountSid) {
        String uri = "/2010-04-01/Accounts/" + accountSid + "/Messages/" + sid;
        Map<String, @Nullable Object> resource = new LinkedHashMap<>();
        resource.put("body", body);
        resource.put("num_segments", "1");
        resource.put("direction", isInbound() ? "inbound" : "outbound-api");
        resource.put("from", from);
        resource.put("date_updated", RFC_2822.format(sentAt == null ? acceptedAt : sentAt));
        resource.put("price", null);
        resource.put("error_message", null);
        resource.put("uri", uri + ".json");
        resource.put("account_sid", accountSid);
        resource.put("num_media", String.valueOf(mediaUrls.size()));
        resource.put("to", to);
        resource.put("date_created", RFC_2822.format(acceptedAt));
        resource.put("status", status);
        resource.put("sid", sid);
        resource.put("date_sent", sentAt == null ? null : RFC_2822.format(sentAt));
        resource.put("messaging_service_sid", first(parameters, "MessagingServiceSid"));
        resource.put("error_code", errorCode);
        resource.put("price_unit", "USD");
        resource.put("api_version", "2010-04-01");
        resource.put("subresource_uris", Map.of("media", uri + "/Media.json"));
        return resource;
    }

    /** Its files, as Twilio lists them: each has a URL of Twilio's own. */
    Map<String, @Nullable Object> files(String accountSid) {
        String uri = "/2010-04-01/Accounts/" + accountSid + "/Messages/" + sid + "/Media";
        List<Map<String, @Nullable Object>> files = new ArrayList<>();
        for (String url : mediaUrls) {
            Map<String, @Nullable Object> file = new LinkedHashMap<>();
            file.put("sid", url.substring(url.lastIndexOf('/') + 1));
            file.put("account_sid", accountSid);
            file.put("parent_sid", sid);
            file.put("content_type", "image/jpeg");
            file.put("date_created", RFC_2822.format(acceptedAt));
            file.put("date_updated", RFC_2822.format(acceptedAt));
            file.put("uri", uri + "/" + file.get("sid") + ".json");
            files.add(file);
        }
        Map<String, @Nullable Object> page = new LinkedHashMap<>();
        page.put("media_list", files);
        page.put("page", 0);
        page.put("page_size", 50);
        page.put("start", 0);
        page.put("end", Math.max(0, files.size() - 1));
        page.put("uri", uri + ".json");
        page.put("first_page_uri", uri + ".json");
        page.put("previous_page_uri", null);
        page.put("next_page_uri", null);
        return page;
    }

    Map<String, String> callbackParameters(String accountSid) {
        Map<String, String> callback = new LinkedHashMap<>();
        callback.put("SmsSid", sid);
        callback.put("SmsStatus", status);
        callback.put("MessageStatus", status);
        callback.put("To", to);
        callback.put("MessageSid", sid);
        callback.put("AccountSid", accountSid);
        if (errorCode != null) {
            callback.put("ErrorCode", String.valueOf(errorCode));
        }
        if (from != null) {
            callback.put("From", from);
        }
        callback.put("ApiVersion", "2010-04-01");
        return callback;
    }

    private static @Nullable String first(Map<String, List<String>> parameters, String name) {
        List<String> values = parameters.get(name);
        return values == null ? null : values.get(0);
    }
}
