package dev.handoff.twilio.testing;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The query of a listing: To, From, the three ways to give DateSent, and the page. */
record MessageFilter(Map<String, String> parameters) {

    private static final int DEFAULT_PAGE_SIZE = 50;

    static MessageFilter of(Map<String, List<String>> query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        query.forEach((name, values) -> parameters.put(name, values.get(0)));
        return new MessageFilter(parameters);
    }

    /** A message that was not sent yet has no date, so that no condition on the date takes it. */
    boolean takes(FakeMessage message) {
        Instant sent = message.sentAt();
        return sameOrAny("To", message.to())
                && sameOrAny("From", message.from())
                && (parameters.get("DateSent") == null || sent != null && isOn(parameters.get("DateSent"), sent))
                && (parameters.get("DateSent>") == null
                        || sent != null && !sent.isBefore(time(parameters.get("DateSent>"))))
                && (parameters.get("DateSent<") == null
                        || sent != null && !sent.isAfter(time(parameters.get("DateSent<"))));
    }

    int page() {
        return Integer.parseInt(parameters.getOrDefault("Page", "0"));
    }

    int pageSize() {
        String size = parameters.get("PageSize");
        return size == null ? DEFAULT_PAGE_SIZE : Math.max(1, Math.min(1_000, Integer.parseInt(size)));
    }

    String query(int page) {
        Map<String, String> other = new LinkedHashMap<>(parameters);
        other.put("PageSize", String.valueOf(pageSize()));
        other.put("Page", String.valueOf(page));
        return "?" + FakeTwilio.encode(other);
    }

    private boolean sameOrAny(String name, @Nullable String value) {
        String wanted = parameters.get(name);
        return wanted == null || wanted.equals(value);
    }

    private static boolean isOn(String date, Instant sent) {
        return sent.atOffset(ZoneOffset.UTC).toLocalDate().equals(LocalDate.parse(date.substring(0, 10)));
    }

    /** A date, or a date and a time; both are UTC, with or without the Z. */
    private static Instant time(String text) {
        return text.length() == 10
                ? LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC)
                : LocalDateTime.parse(text.replace("Z", "")).toInstant(ZoneOffset.UTC);
    }
}
