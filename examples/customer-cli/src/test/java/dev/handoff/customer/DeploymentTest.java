package dev.handoff.customer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeploymentTest {

    @ParameterizedTest
    @CsvSource({
        "http://localhost:7070/in, http://localhost:7070/in, http://localhost:7070/st?a=%2B, http://localhost:7070/st?a=%2B",
        "http://localhost:7070/in, https://bot.example.com/in, https://bot.example.com/st?a=1, http://localhost:7070/st?a=1",
        "http://localhost:7070/in, https://bot.example.com/bot/in, https://bot.example.com/bot/st, http://localhost:7070/st",
        "http://localhost:7070/in, https://bot.example.com/in, https://other.example.com/st, https://other.example.com/st"
    })
    void a_callback_that_the_host_names_is_called_on_this_side_of_the_proxy(
            String actual, String signed, String named, String called) {
        assertThat(Samples.deployment(actual, signed).callback(named).actual()).hasToString(called);
    }

    @Test
    void a_callback_is_signed_as_the_host_named_it() {
        String named = "https://bot.example.com/webhooks/twilio/status?message=a%2Bb";

        assertThat(Samples.DEPLOYMENT.callback(named).signed()).isEqualTo(named);
    }

    @ParameterizedTest
    @CsvSource({
        "https://bot.example.com/in, https://bot.example.com:443/in",
        "http://bot.example.com/in, http://bot.example.com:80/in",
        "https://bot.example.com:443/in, https://bot.example.com/in",
        "http://localhost:7070, http://localhost"
    })
    void a_port_is_put_in_or_left_out(String url, String toggled) {
        assertThat(PortInUrl.toggled(url)).isEqualTo(toggled);
    }

    @Test
    void what_a_host_answers_cannot_drive_the_terminal() {
        assertThat(OneLine.of("\u001b[2Jgone\nnext")).isEqualTo("\\x1b[2Jgone ⏎ next");
    }
}
