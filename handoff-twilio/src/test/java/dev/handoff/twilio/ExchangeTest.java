package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExchangeTest {

    private static final String NOON = "Mon, 23 Nov 2026 12:00:00 GMT";

    @ParameterizedTest
    @CsvSource({"1, PT1S", "120, PT2M", "86400, PT24H"})
    void a_wait_may_be_given_in_seconds(String seconds, Duration wait) {
        assertThat(retryAfter(seconds, null)).isEqualTo(wait);
    }

    @Test
    void a_wait_may_be_given_as_a_date_that_is_read_against_the_answers_own() {
        assertThat(retryAfter("Mon, 23 Nov 2026 12:01:30 GMT", NOON)).isEqualTo(Duration.ofSeconds(90));
        assertThat(retryAfter("Mon, 23 Nov 2026 12:01:30 GMT", null)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1.5", "soon", "99999999999", NOON, "Mon, 23 Nov 2026 11:59:59 GMT"})
    void what_asks_for_no_wait_or_cannot_be_read_is_left_to_our_own_back_off(String value) {
        assertThat(retryAfter(value, NOON)).isNull();
    }

    @Test
    void without_the_header_nothing_is_asked() {
        assertThat(answered(Map.of("Date", List.of(NOON))).retryAfter()).isNull();
    }

    private static @Nullable Duration retryAfter(String value, @Nullable String date) {
        Map<String, List<String>> headers = new HashMap<>(Map.of("Retry-After", List.of(value)));
        if (date != null) {
            headers.put("Date", List.of(date));
        }
        return answered(headers).retryAfter();
    }

    private static Exchange.Answered answered(Map<String, List<String>> headers) {
        return new Exchange.Answered(429, HttpHeaders.of(headers, (name, value) -> true), "");
    }
}
