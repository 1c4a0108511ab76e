package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.model.HandoffException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TwilioSettingsTest {

    @Test
    void account_token_and_public_url_are_enough() {
        TwilioSettings settings = minimal().build();

        assertThat(settings.apiBaseUrl()).hasToString("https://api.twilio.com");
        assertThat(settings.tenant()).isEqualTo("default");
    }

    @Test
    void everything_wrong_is_named_at_once() {
        assertThatThrownBy(() -> TwilioSettings.builder()
                        .tenant(" ")
                        .accountSid("SK123")
                        .authTokens("a", "b", "c")
                        .publicUrl("bot.example.com")
                        .statusPath("status")
                        .apiBaseUrl("http://a b")
                        .defaultFrom("")
                        .connectTimeout(Duration.ofSeconds(10))
                        .readTimeout(Duration.ofSeconds(10))
                        .validityPeriod(Duration.ofHours(11))
                        .build())
                .isInstanceOf(HandoffException.class)
                .hasMessageContaining("tenant")
                .hasMessageContaining("SK123")
                .hasMessageContaining("auth token")
                .hasMessageContaining("bot.example.com")
                .hasMessageContaining("status path")
                .hasMessageContaining("API base URL cannot be read")
                .hasMessageContaining("default sender")
                .hasMessageContaining("time-out")
                .hasMessageContaining("validity period");
    }

    @Test
    void nothing_at_all_is_named_too() {
        assertThatThrownBy(() -> TwilioSettings.builder().build())
                .hasMessageContaining("account SID")
                .hasMessageContaining("auth token")
                .hasMessageContaining("public URL");
    }

    @Test
    void a_log_of_them_holds_no_token() {
        assertThat(minimal().build().toString()).contains("AC123").doesNotContain("secret");
    }

    @Test
    void the_public_url_is_kept_as_the_operator_wrote_it() {
        assertThat(minimal()
                        .publicUrl("https://Bot.example.com:443/base/")
                        .build()
                        .publicUrlOf("/webhooks/twilio?x=%2B"))
                .isEqualTo("https://Bot.example.com:443/base/webhooks/twilio?x=%2B");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://fake_twilio:9100", "http://:9100"})
    void an_api_whose_host_no_client_would_call_is_found_before_the_first_message(String apiBaseUrl) {
        assertThatThrownBy(() -> minimal().apiBaseUrl(apiBaseUrl).build())
                .isInstanceOf(HandoffException.class)
                .hasMessageContaining(apiBaseUrl);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a|b", "/50%", "/%zz", "/a b", "/sítio", "/{tenant}"})
    void a_status_path_that_makes_no_url_is_found_before_the_first_message(String path) {
        assertThatThrownBy(() -> minimal().statusPath(path).build())
                .isInstanceOf(HandoffException.class)
                .hasMessageContaining("status path");
    }

    private static TwilioSettings.Builder minimal() {
        return TwilioSettings.builder().accountSid("AC123").authTokens("secret").publicUrl("https://bot.example.com");
    }
}
