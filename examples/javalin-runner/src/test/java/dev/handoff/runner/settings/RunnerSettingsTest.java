package dev.handoff.runner.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.handoff.channel.OutboundSettings;
import dev.handoff.model.AgentRole;
import dev.handoff.policy.DeadlineAction;
import dev.handoff.policy.Deadlines;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunnerSettingsTest {

    private static final String AGENTS = "ana:agent:0123456789abcdef";

    @Test
    void without_any_variable_the_defaults_hold() {
        RunnerSettings settings = RunnerSettings.from(Map.of());

        assertThat(settings.host()).isEqualTo("127.0.0.1");
        assertThat(settings.port()).isEqualTo(7070);
        assertThat(settings.database().jdbcUrl()).isEqualTo("jdbc:h2:file:./data/handoff");
        assertThat(settings.database().user()).isEqualTo("sa");
        assertThat(settings.database().password()).isEmpty();
        assertThat(settings.twilio()).isNull();
        assertThat(settings.publicUrl()).isNull();
        assertThat(settings.deadlines()).isEqualTo(Deadlines.defaults());
        assertThat(settings.outbound()).isEqualTo(OutboundSettings.defaults());
        assertThat(settings.sweepInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.agentCapacity()).isEqualTo(5);
        assertThat(settings.notices()).isTrue();
        assertThat(settings.botDelay()).isEqualTo(Duration.ZERO);
        assertThat(settings.warnings()).isEmpty();
    }

    @Test
    void demo_agents_are_of_every_role_and_have_fresh_tokens() {
        RunnerSettings one = RunnerSettings.from(Map.of());
        RunnerSettings other = RunnerSettings.from(Map.of("HANDOFF_AGENTS", " "));

        assertThat(one.demoAgents()).isTrue();
        assertThat(one.agents()).extracting(AgentAccount::role).contains(AgentRole.values());
        assertThat(one.agents()).allSatisfy(agent -> assertThat(agent.token()).hasSizeGreaterThan(30));
        assertThat(one.agents())
                .extracting(AgentAccount::token)
                .doesNotContainAnyElementsOf(
                        other.agents().stream().map(AgentAccount::token).toList());
    }

    @Test
    void every_variable_is_heard() {
        Map<String, String> environment = new HashMap<>();
        environment.put("HANDOFF_HOST", "0.0.0.0");
        environment.put("HANDOFF_PORT", "8080");
        environment.put("HANDOFF_JDBC_URL", "jdbc:postgresql://db/handoff");
        environment.put("HANDOFF_DB_USER", "hand");
        environment.put("HANDOFF_DB_PASSWORD", "off");
        environment.put("HANDOFF_AGENTS", "ana:agent:0123456789abcdef, sam:supervisor:0123:56789abcdef0");
        environment.put("HANDOFF_PUBLIC_URL", "https://bot.example.com/base/");
        environment.put("TWILIO_ACCOUNT_SID", "AC0123");
        environment.put("TWILIO_AUTH_TOKEN", "secret");
        environment.put("TWILIO_API_BASE_URL", "http://localhost:9999");
        environment.put("TWILIO_FROM", "whatsapp:+1");
        environment.put("HANDOFF_WAIT_TIMEOUT", "PT1M");
        environment.put("HANDOFF_AGENT_TIMEOUT", "PT2M");
        environment.put("HANDOFF_IDLE_TIMEOUT", "PT3M");
        environment.put("HANDOFF_SWEEP_INTERVAL", "PT0.2S");
        environment.put("HANDOFF_WAIT_TIMEOUT_ACTION", "escalate");
        environment.put("HANDOFF_AGENT_TIMEOUT_ACTION", "release");
        environment.put("HANDOFF_AGENT_CAPACITY", "2");
        environment.put("HANDOFF_OUTBOUND_MAX_ATTEMPTS", "3");
        environment.put("HANDOFF_RETRY_BASE", "PT0.05S");
        environment.put("HANDOFF_UNKNOWN_WAIT", "PT4S");
        environment.put("HANDOFF_SENDER_RATE", "20/s");
        environment.put("HANDOFF_RECIPIENT_RATE", "1.5");
        environment.put("HANDOFF_NOTICES", "off");
        environment.put("HANDOFF_BOT_DELAY", "PT5S");

        RunnerSettings settings = RunnerSettings.from(environment);

        assertThat(settings.host()).isEqualTo("0.0.0.0");
        assertThat(settings.port()).isEqualTo(8080);
        assertThat(settings.database())
                .isEqualTo(new RunnerSettings.DatabaseAddress("jdbc:postgresql://db/handoff", "hand", "off"));
        assertThat(settings.agents())
                .containsExactly(
                        new AgentAccount("ana", AgentRole.AGENT, "0123456789abcdef"),
                        new AgentAccount("sam", AgentRole.SUPERVISOR, "0123:56789abcdef0"));
        assertThat(settings.demoAgents()).isFalse();
        assertThat(settings.publicUrl()).isEqualTo("https://bot.example.com/base");
        assertThat(settings.twilio())
                .isEqualTo(
                        new TwilioAccount("AC0123", "secret", "http://localhost:9999", "whatsapp:+1", Duration.ZERO));
        assertThat(settings.deadlines())
                .isEqualTo(Deadlines.defaults()
                        .waiting(Duration.ofMinutes(1), DeadlineAction.ESCALATE)
                        .agentSilent(Duration.ofMinutes(2), DeadlineAction.RELEASE)
                        .customerSilent(Duration.ofMinutes(3)));
        assertThat(settings.sweepInterval()).isEqualTo(Duration.ofMillis(200));
        assertThat(settings.agentCapacity()).isEqualTo(2);
        assertThat(settings.outbound())
                .isEqualTo(OutboundSettings.defaults()
                        .attempts(3, Duration.ofMillis(50))
                        .unknownWait(Duration.ofSeconds(4))
                        .pace(20, 1.5));
        assertThat(settings.notices()).isFalse();
        assertThat(settings.botDelay()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void one_message_names_every_problem() {
        SettingsException refusal = refusal(Map.of(
                "HANDOFF_PORT", "seventy",
                "HANDOFF_WAIT_TIMEOUT", "5m",
                "HANDOFF_WAIT_TIMEOUT_ACTION", "requeue",
                "HANDOFF_AGENT_CAPACITY", "0",
                "TWILIO_AUTH_TOKEN", "alone"));

        assertThat(refusal.problems()).hasSize(5);
        assertThat(refusal)
                .hasMessageContainingAll(
                        "HANDOFF_PORT",
                        "HANDOFF_WAIT_TIMEOUT",
                        "HANDOFF_WAIT_TIMEOUT_ACTION",
                        "HANDOFF_AGENT_CAPACITY",
                        "TWILIO_ACCOUNT_SID");
    }

    @Test
    void a_missing_Twilio_token_does_not_hide_that_the_account_is_wrong_too() {
        SettingsException refusal = refusal(Map.of("TWILIO_ACCOUNT_SID", "hidden-token"));

        assertThat(refusal.problems()).hasSize(2);
        assertThat(refusal)
                .hasMessageContainingAll("TWILIO_AUTH_TOKEN: is missing", "TWILIO_ACCOUNT_SID: must be AC")
                .hasMessageNotContaining("hidden-token");
    }

    @ParameterizedTest
    @CsvSource({
        "HANDOFF_PORT, 65536",
        "HANDOFF_PORT, -1",
        "HANDOFF_HOST, no such host",
        "HANDOFF_HOST, 0.0.0.0",
        "HANDOFF_JDBC_URL, jdbc:mysql://db/handoff",
        "HANDOFF_JDBC_URL, postgres://db/handoff",
        "HANDOFF_PUBLIC_URL, bot.example.com",
        "HANDOFF_PUBLIC_URL, https://bot.example.com/?a=b",
        "TWILIO_ACCOUNT_SID, AC0123",
        "TWILIO_API_BASE_URL, localhost",
        "HANDOFF_WAIT_TIMEOUT, PT0S",
        "HANDOFF_WAIT_TIMEOUT, -PT1S",
        "HANDOFF_AGENT_TIMEOUT, ten minutes",
        "HANDOFF_IDLE_TIMEOUT, P9999999D",
        "HANDOFF_SWEEP_INTERVAL, 1",
        "HANDOFF_WAIT_TIMEOUT_ACTION, requeue",
        "HANDOFF_WAIT_TIMEOUT_ACTION, explode",
        "HANDOFF_AGENT_TIMEOUT_ACTION, explode",
        "HANDOFF_AGENT_CAPACITY, many",
        "HANDOFF_OUTBOUND_MAX_ATTEMPTS, 0",
        "HANDOFF_RETRY_BASE, PT-1S",
        "HANDOFF_UNKNOWN_WAIT, soon",
        "HANDOFF_SENDER_RATE, 0",
        "HANDOFF_RECIPIENT_RATE, NaN",
        "HANDOFF_NOTICES, maybe",
        "HANDOFF_BOT_DELAY, -PT1S"
    })
    void a_wrong_value_is_refused(String name, String value) {
        assertThat(refusal(Map.of(name, value)).problems()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ana:agent",
                "ana:agent:tooshort1234567",
                "ana:boss:0123456789abcdef",
                "ana:0123456789abcdef:a-token-of-16-characters",
                "0123 456789abcdef:agent:a-token-of-16-characters",
                "a na:agent:0123456789abcdef",
                ":agent:0123456789abcdef",
                "ana:agent:0123456789abcdef,ana:agent:0123456789abcdeg",
                "ana:agent:0123456789abcdef,bia:agent:0123456789abcdef",
                "ana:agent:0123456789abcdef,",
                "ana:agent:0123456789 abcdef"
            })
    void a_wrong_agent_is_refused_without_repeating_tokens(String agents) {
        SettingsException refusal = refusal(Map.of("HANDOFF_AGENTS", agents));

        assertThat(refusal.problems())
                .singleElement()
                .asString()
                .startsWith("HANDOFF_AGENTS")
                .doesNotContain("0123");
    }

    @Test
    void demo_agents_are_for_this_machine_alone() {
        assertThat(refusal(Map.of("HANDOFF_HOST", "0.0.0.0"))).hasMessageContaining("HANDOFF_AGENTS");
        assertThat(RunnerSettings.from(Map.of("HANDOFF_HOST", "0.0.0.0", "HANDOFF_AGENTS", AGENTS))
                        .demoAgents())
                .isFalse();
        assertThat(RunnerSettings.from(Map.of("HANDOFF_HOST", "localhost")).demoAgents())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, http://127.0.0.1:7070", "localhost, http://localhost:7070", "::1, http://[::1]:7070"})
    void the_local_address_is_a_URL_whatever_the_host(String host, String url) {
        assertThat(RunnerSettings.from(Map.of("HANDOFF_HOST", host)).localUrl(7070))
                .isEqualTo(url);
    }

    @Test
    void a_variable_that_nobody_knows_is_warned_of() {
        RunnerSettings settings = RunnerSettings.from(Map.of("HANDOFF_WAITTIMEOUT", "PT5M", "OTHER", "x"));

        assertThat(settings.warnings()).singleElement().asString().startsWith("HANDOFF_WAITTIMEOUT");
    }

    @Test
    void neither_tokens_nor_passwords_are_printed() {
        RunnerSettings settings = RunnerSettings.from(Map.of(
                "HANDOFF_AGENTS", AGENTS,
                "HANDOFF_JDBC_URL", "jdbc:postgresql://db/handoff?user=a&password=hidden-one",
                "HANDOFF_DB_PASSWORD", "hidden-two",
                "TWILIO_ACCOUNT_SID", "AC0123",
                "TWILIO_AUTH_TOKEN", "hidden-three"));

        assertThat(settings.toString()).doesNotContain("0123456789abcdef", "hidden");
    }

    private static SettingsException refusal(Map<String, String> environment) {
        SettingsException refusal =
                catchThrowableOfType(SettingsException.class, () -> RunnerSettings.from(environment));
        assertThat(refusal).as("%s", List.copyOf(environment.keySet())).isNotNull();
        return refusal;
    }

    @Test
    void looking_for_missed_webhooks_needs_an_inbox_to_look_at() {
        assertThatThrownBy(() -> RunnerSettings.from(Map.of(
                        "TWILIO_ACCOUNT_SID",
                        "AC0123",
                        "TWILIO_AUTH_TOKEN",
                        "secret",
                        "HANDOFF_MISSED_INTERVAL",
                        "PT5M")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("TWILIO_FROM");
    }
}
