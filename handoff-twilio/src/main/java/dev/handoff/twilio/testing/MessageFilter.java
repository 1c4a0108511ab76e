package dev.handoff.twilio.testing;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The query of a listing.
 *
 * @param parameters as they came, of which To and From are compared
 * @param on the whole day of {@code DateSent}
 * @param notBefore {@code DateSent>}, which includes the moment itself
 * @param notAfter {@code DateSent<}, which includes the moment itself
 * @param page from 0
 */
record MessageFilter(
        Map<String, String> parameters,
        @Nullable LocalDate on,
        @Nullable Instant notBefore,
        @Nullable Instant notAfter,
        int page,
        int pageSize) {

    private static final int DEFAULT_PAGE_SIZE = 50;
    private static final int MAX_PAGE_SIZE = 1_000;

    /**
     * @throws IllegalArgumentException if a number cannot be read
     * @throws java.time.DateTimeException if a date cannot
     */
    static MessageFilter of(Map<String, List<String>> query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        query.forEach((name, values) -> parameters.put(name, values.get(0)));
        return new MessageFilter(
                parameters,
                read(parameters, "DateSent", text -> LocalDate.ofInstant(time(text), ZoneOffset.UTC)),
                read(parameters, "DateSent>", MessageFilter::time),
                read(parameters, "DateSent<", MessageFilter::time),
                Math.max(0, Integer.parseInt(parameters.getOrDefault("Page", "0"))),
                Math.max(
                        1,
                        Math.min(
                                MAX_PAGE_SIZE,
                                Integer.parseInt(
                                        parameters.getOrDefault("PageSize", String.valueOf(DEFAULT_PAGE_SIZE))))));
    }

    /** A message that was not sent yet has no date, so that no condition on the date takes it. */
    boolean takes(FakeMessage message) {
        Instant sent = message.sentAt();
        return sameOrAny("To", message.to())
                && sameOrAny("From", message.from())
                && (on == null || sent != null && on.equals(LocalDate.ofInstant(sent, ZoneOffset.UTC)))
                && (notBefore == null || sent != null && !sent.isBefore(notBefore))
                && (notAfter == null || sent != null && !sent.isAfter(notAfter));
    }

    String query(int page) {
        Map<String, String> other = new LinkedHashMap<>(parameters);
        other.put("PageSize", String.valueOf(pageSize));
        other.put("Page", String.valueOf(page));
        return "?" + FakeTwilio.encode(other);
    }

    private boolean sameOrAny(String name, @Nullable String value) {
        String wanted = parameters.get(name);
        return wanted == null || wanted.equals(value);
    }

    private static <T> @Nullable T read(Map<String, String> parameters, String name, Function<String, T> reader) {
        return Optional.ofNullable(parameters.get(name)).map(reader).orElse(null);
    }

    /** A date, or a date and a time; both are UTC, with or without the Z. */
    private static Instant time(String text) {
        return text.length() == 10
                ? LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC)
                : LocalDateTime.parse(text.replace("Z", "")).toInstant(ZoneOffset.UTC);
    }
}
