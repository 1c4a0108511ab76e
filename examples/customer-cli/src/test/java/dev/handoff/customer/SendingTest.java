package dev.handoff.customer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.InboundMessage;
import dev.handoff.model.Media;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SendingTest {

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
    void a_text_arrives_signed_and_whole() {
        CommandLineRun run = CommandLineRun.against(
                host, "text", "--from", "whatsapp:+12025550147", "--name", "João", "olá + 100% 👨‍👩‍👧‍👦 ");

        assertThat(run.exitCode()).isZero();
        InboundMessage message = only();
        assertThat(message.content().text()).isEqualTo("olá + 100% 👨‍👩‍👧‍👦 ");
        assertThat(message.address().customer()).isEqualTo("whatsapp:+12025550147");
        assertThat(message.customerName()).isEqualTo("João");
        assertThat(message.fields()).containsEntry("WaId", "12025550147").containsEntry("MessageType", "text");
    }

    @Test
    void each_request_is_one_line_with_what_was_sent_status_body_and_time() {
        CommandLineRun run = CommandLineRun.against(host, "text", "oi");

        assertThat(run.lines())
                .singleElement()
                .asString()
                .matches("text SM[0-9a-f]{32} \"oi\"  →  200 <Response/>  \\d+ ms");
    }

    @Test
    void several_files_come_in_one_message_in_their_order() {
        CommandLineRun run = CommandLineRun.against(
                host, "media", "--caption", "both", "https://example.com/a.png", "https://example.com/b.pdf?x=1");

        assertThat(run.exitCode()).isZero();
        assertThat(only().content().text()).isEqualTo("both");
        assertThat(only().content().media())
                .containsExactly(
                        new Media("https://example.com/a.png", "image/png"),
                        new Media("https://example.com/b.pdf?x=1", "application/pdf"));
        assertThat(only().fields()).containsEntry("NumMedia", "2");
    }

    @Test
    void a_location_has_its_place_and_no_text() {
        CommandLineRun.against(host, "location", "--label", "MASP", "--", "-23.561399", "-46.656178");

        assertThat(only().fields())
                .containsEntry("Latitude", "-23.561399")
                .containsEntry("Longitude", "-46.656178")
                .containsEntry("Label", "MASP")
                .containsEntry("Body", "");
    }

    @Test
    void a_button_reply_says_what_was_tapped_and_where() {
        CommandLineRun.against(host, "button", "--replies-to", "MM123", "Confirmar", "{\"confirm\":1}");

        assertThat(only().fields())
                .containsEntry("ButtonText", "Confirmar")
                .containsEntry("ButtonPayload", "{\"confirm\":1}")
                .containsEntry("OriginalRepliedMessageSid", "MM123");
    }

    @Test
    void a_burst_is_numbered_and_keeps_its_order() {
        CommandLineRun run = CommandLineRun.against(host, "burst", "--count", "3", "oi");

        assertThat(run.lines()).hasSize(3);
        assertThat(texts()).containsExactly("oi 1", "oi 2", "oi 3");
    }

    @Test
    void a_burst_side_by_side_loses_nothing() {
        CommandLineRun run = CommandLineRun.against(host, "burst", "--count", "40", "--side-by-side", "8", "oi");

        assertThat(run.exitCode()).isZero();
        assertThat(texts()).hasSize(40).doesNotHaveDuplicates();
    }

    @Test
    void a_duplicate_is_the_same_message_twice() {
        CommandLineRun.against(host, "duplicate", "--at-once", "once");

        assertThat(host.messages()).hasSize(2);
        assertThat(host.messages().get(0)).isEqualTo(host.messages().get(1));
    }

    @Test
    void statuses_come_in_the_order_given_with_the_hosts_query_signed() {
        String attempt = "0191f1c2-7b7e-7c3a-9a11-2f6f0f3f5a10";
        CommandLineRun run = CommandLineRun.against(
                host, "status", "SM1", "read", "sent", "--repeat", "2", "--tenant", "a b+c", "--attempt", attempt);

        assertThat(run.exitCode()).isZero();
        assertThat(words())
                .containsExactly(DeliveryStatus.READ, DeliveryStatus.READ, DeliveryStatus.SENT, DeliveryStatus.SENT);
        assertThat(host.statuses()).allSatisfy(status -> {
            assertThat(status.update().tenant()).isEqualTo("a b+c");
            assertThat(status.update().attemptToken()).hasToString(attempt);
        });
    }

    @Test
    void a_query_is_sent_as_it_was_pasted() {
        CommandLineRun run = CommandLineRun.against(host, "status", "SM1", "sent", "--query", "?tenant=a%2Bb&x=%2f");

        assertThat(run.exitCode()).isZero();
        assertThat(host.statuses().get(0).update().tenant()).isEqualTo("a+b");
    }

    @Test
    void a_shuffled_order_comes_again_with_its_seed() {
        String[] shuffled = {"status", "SM1", "queued", "sent", "delivered", "read", "--shuffle", "--seed", "7"};
        CommandLineRun.against(host, shuffled);
        List<DeliveryStatus> first = words();
        CommandLineRun.against(host, shuffled);

        assertThat(first).hasSize(4).doesNotHaveDuplicates();
        assertThat(words().subList(4, 8)).isEqualTo(first);
    }

    @Test
    void a_failure_has_its_code() {
        CommandLineRun.against(host, "status", "SM1", "failed", "--error-code", "63016");

        assertThat(host.statuses().get(0).update().error()).contains("63016");
    }

    @Test
    void behind_a_proxy_the_public_url_is_signed_and_the_actual_one_called() throws IOException {
        try (LoopbackHost behind = LoopbackHost.behindProxy("https://bot.example.com")) {
            CommandLineRun base =
                    CommandLineRun.against(behind, "text", "--public-url", "https://bot.example.com", "a");
            CommandLineRun whole = CommandLineRun.against(
                    behind, "text", "--public-url", "https://bot.example.com/webhooks/twilio", "b");
            CommandLineRun status =
                    CommandLineRun.against(behind, "status", "--public-url", "https://bot.example.com", "SM1", "sent");

            CommandLineRun asInTheConsole = CommandLineRun.against(
                    behind, "text", "--public-url", "https://bot.example.com/webhooks/twilio#rc=5&rp=all", "c");

            assertThat(List.of(base.exitCode(), whole.exitCode(), status.exitCode(), asInTheConsole.exitCode()))
                    .containsOnly(0);
        }
    }

    private InboundMessage only() {
        assertThat(host.messages()).hasSize(1);
        return host.messages().get(0).message();
    }

    private List<String> texts() {
        return host.messages().stream()
                .map(message -> Objects.toString(message.message().content().text()))
                .toList();
    }

    private List<DeliveryStatus> words() {
        return host.statuses().stream().map(status -> status.update().status()).toList();
    }
}
