package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.twilio.http.HttpMethod;
import com.twilio.http.Request;
import dev.handoff.twilio.testing.FakeTwilio;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TwilioHttpTest {

    private static final Duration WITHIN = Duration.ofSeconds(7);

    @ParameterizedTest
    @ValueSource(strings = {"", "true", "TRUE"})
    void a_process_in_which_posts_are_repeated_is_refused(String value) {
        System.setProperty(TwilioHttp.REPEATS_POSTS, value);
        try {
            assertThatThrownBy(() -> http("http://localhost")).hasMessageContaining(TwilioHttp.REPEATS_POSTS);
        } finally {
            System.clearProperty(TwilioHttp.REPEATS_POSTS);
        }
    }

    @Test
    void nothing_is_opened_and_no_thread_started_before_the_first_request() {
        long before = httpThreads();

        List<TwilioHttp> held =
                IntStream.range(0, 30).mapToObj(i -> http("http://localhost")).toList();

        assertThat(httpThreads()).isLessThan(before + held.size());
    }

    @Test
    void the_credentials_go_nowhere_but_to_the_api() {
        Request elsewhere = new Request(HttpMethod.GET, "https://api.twilio.com.evil.example/x");

        assertThatThrownBy(() -> http("http://localhost").execute(elsewhere, WITHIN))
                .hasMessageContaining("evil.example");
    }

    @Test
    void status_headers_and_body_of_an_answer_are_kept() {
        try (FakeTwilio twilio = FakeTwilio.start()) {
            Exchange exchange =
                    http(twilio.baseUrl()).execute(new Request(HttpMethod.GET, "https://api.twilio.com/x"), WITHIN);

            assertThat(exchange).isInstanceOfSatisfying(Exchange.Answered.class, answered -> {
                assertThat(answered.status()).isEqualTo(401);
                assertThat(answered.headers().firstValue("content-type")).contains("application/json");
                assertThat(answered.body()).contains("20003");
            });
        }
    }

    @Test
    void a_port_where_nobody_speaks_tls_was_sent_nothing() {
        try (FakeTwilio twilio = FakeTwilio.start()) {
            String tls = twilio.baseUrl().replace("http:", "https:");

            assertThat(http(tls).execute(new Request(HttpMethod.POST, "https://api.twilio.com/x"), WITHIN))
                    .isInstanceOf(Exchange.NotSent.class);
            assertThat(twilio.requests()).isEmpty();
        }
    }

    @Test
    void an_interrupted_wait_leaves_the_outcome_unknown_and_the_thread_interrupted() {
        try (FakeTwilio twilio = FakeTwilio.start()) {
            Thread.currentThread().interrupt();

            Exchange exchange =
                    http(twilio.baseUrl()).execute(new Request(HttpMethod.POST, "https://api.twilio.com/x"), WITHIN);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(exchange).isInstanceOf(Exchange.Lost.class);
        }
    }

    private static long httpThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("HttpClient-"))
                .count();
    }

    private static TwilioHttp http(String baseUrl) {
        return new TwilioHttp(URI.create(baseUrl), Duration.ofSeconds(2), Duration.ofSeconds(5));
    }
}
