package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.model.HandoffException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

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

    private static TwilioSettings.Builder minimal() {
        return TwilioSettings.builder().accountSid("AC123").authTokens("secret").publicUrl("https://bot.example.com");
    }
}
