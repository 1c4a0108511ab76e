package dev.handoff.webchat.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostSettingsTest {
    @Test
    void without_any_settings_it_listens_on_this_machine_alone_with_a_fresh_token() {
        HostSettings settings = HostSettings.from(Map.of());

        assertThat(settings.host()).isEqualTo("127.0.0.1");
        assertThat(settings.port()).isEqualTo(7080);
        assertThat(settings.demo()).isTrue();
        assertThat(settings.agentToken())
                .hasSizeGreaterThanOrEqualTo(32)
                .isNotEqualTo(HostSettings.from(Map.of()).agentToken());
    }

    @ParameterizedTest
    @CsvSource({
        "HANDOFF_PORT, seven",
        "HANDOFF_PORT, 70000",
        "HANDOFF_HOST, 0.0.0.0",
        "HANDOFF_JDBC_URL, jdbc:mysql://db/handoff",
        "WEBCHAT_AGENT_TOKEN, short",
        "WEBCHAT_ORIGINS, *"
    })
    void what_is_wrong_is_said_at_the_start(String name, String value) {
        assertThatThrownBy(() -> HostSettings.from(Map.of(name, value))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void what_is_logged_holds_no_secret() {
        HostSettings settings = HostSettings.from(Map.of(
                "HANDOFF_JDBC_URL", "jdbc:postgresql://db/handoff?password=hush",
                "HANDOFF_DB_PASSWORD", "hush",
                "WEBCHAT_AGENT_TOKEN", "hush-hush-hush-hush"));

        assertThat(settings.toString()).doesNotContain("hush");
    }
}
