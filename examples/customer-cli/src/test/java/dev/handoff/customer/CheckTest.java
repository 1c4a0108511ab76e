package dev.handoff.customer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.customer.LoopbackHost.Reply;
import dev.handoff.twilio.TwilioWebhook;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckTest {

    private LoopbackHost host;

    @BeforeEach
    void start() throws IOException {
        host = LoopbackHost.start();
    }

    @AfterEach
    void stop() {
        host.close();
    }

    @Test
    void a_host_that_keeps_the_contract_passes_everything() {
        CommandLineRun run = CommandLineRun.against(host, "check");

        assertThat(run.out()).doesNotContain("FAIL").endsWith(", 0 failed" + System.lineSeparator());
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void nothing_bad_is_believed() {
        CommandLineRun.against(host, "bad");

        assertThat(host.believed).isEmpty();
        assertThat(host.refused).hasSameSizeAs(BadRequest.values());
    }

    @Test
    void it_passes_behind_a_proxy_too() throws IOException {
        try (LoopbackHost behind = LoopbackHost.behindProxy("https://bot.example.com")) {
            CommandLineRun run = CommandLineRun.against(behind, "check", "--public-url", "https://bot.example.com");

            assertThat(run.out()).endsWith(", 0 failed" + System.lineSeparator());
        }
    }

    @ParameterizedTest
    @EnumSource(BadRequest.class)
    void each_refusal_that_a_host_forgets_is_found(BadRequest forgotten) {
        int[] refusals = {0};
        host.misbehaviour = (exchange, webhook) -> {
            boolean forgets = webhook instanceof TwilioWebhook.Refused && refusals[0]++ == forgotten.ordinal();
            return forgets ? new Reply(200, "text/xml", "<Response/>") : null;
        };
        CommandLineRun run = CommandLineRun.against(host, "check");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).endsWith(", 1 failed" + System.lineSeparator());
        assertThat(run.lines().stream().filter(line -> line.startsWith("FAIL")))
                .singleElement()
                .asString()
                .contains(BadRequest.values()[forgotten.ordinal()]
                        .planned(Samples.DEPLOYMENT, Samples.CUSTOMER)
                        .delivery()
                        .label());
    }

    @Test
    void a_host_that_answers_a_status_with_200_is_told_that_204_is_expected() {
        host.misbehaviour =
                (exchange, webhook) -> webhook instanceof TwilioWebhook.Status ? new Reply(200, null, "") : null;
        CommandLineRun run = CommandLineRun.against(host, "check");

        assertThat(run.out()).contains("expected 204").endsWith(", 6 failed" + System.lineSeparator());
    }

    @Test
    void a_host_that_replies_by_twiml_is_told_that_an_empty_response_is_expected() {
        host.misbehaviour = (exchange, webhook) -> webhook instanceof TwilioWebhook.Inbound
                ? new Reply(200, "text/xml", "<Response><Message>hi</Message></Response>")
                : null;
        CommandLineRun run = CommandLineRun.against(host, "check");

        assertThat(run.out()).contains("expected 200, text/xml, <Response/>");
        assertThat(run.exitCode()).isEqualTo(1);
    }
}
