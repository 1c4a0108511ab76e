package dev.handoff.webchat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebChatSettingsTest {
    private final WebChatSettings settings =
            WebChatSettings.of(Set.of("https://Shop.example.com", "http://localhost:3000"));

    @Test
    void pages_of_the_named_origins_and_of_the_host_itself_may_have_the_chat() {
        assertThat(settings.admits("https://shop.example.com", "chat.example.com"))
                .isTrue();
        assertThat(settings.admits("http://localhost:3000", "chat.example.com")).isTrue();
        assertThat(settings.admits("https://chat.example.com", "chat.example.com"))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://shop.example.com",
                "https://shop.example.com:8443",
                "https://shop.example.com.evil.example",
                "https://evil.example",
                "null",
                "",
                "https://"
            })
    void pages_of_other_origins_may_not(String origin) {
        assertThat(settings.admits(origin, "chat.example.com")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "shop.example.com", "https://shop.example.com/", "https://*.example.com", "null"})
    void what_is_no_origin_is_refused_at_the_start(String origin) {
        assertThatThrownBy(() -> WebChatSettings.of(Set.of(origin)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no origin");
    }
}
