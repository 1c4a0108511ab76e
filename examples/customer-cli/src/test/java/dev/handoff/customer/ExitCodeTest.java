package dev.handoff.customer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.handoff.customer.LoopbackHost.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExitCodeTest {

    @Test
    void a_host_that_refuses_a_right_message_is_exit_code_1_with_a_hint() throws IOException {
        try (LoopbackHost host = LoopbackHost.start()) {
            CommandLineRun run = CommandLineRun.against(host, "text", "--token", "another", "oi");

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.out()).contains("403", "UNEXPECTED", "are the token, the account and the public URL");
        }
    }

    @Test
    void a_plain_text_answer_is_exit_code_1_since_the_customer_would_get_it() throws IOException {
        try (LoopbackHost host = LoopbackHost.start()) {
            host.misbehaviour = (exchange, webhook) -> new Reply(200, "text/plain", "OK");
            CommandLineRun run = CommandLineRun.against(host, "text", "oi");

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.out()).contains("the customer would get this body");
        }
    }

    @Test
    void a_host_that_believes_a_wrong_signature_is_exit_code_1() throws IOException {
        try (LoopbackHost host = LoopbackHost.start()) {
            host.misbehaviour = (exchange, webhook) -> new Reply(200, "text/xml", "<Response/>");
            CommandLineRun run = CommandLineRun.against(host, "bad", "wrong-signature");

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.out()).contains("expected 403");
        }
    }

    @Test
    void a_host_that_is_not_there_is_exit_code_1() throws IOException {
        LoopbackHost host = LoopbackHost.start();
        host.close();
        CommandLineRun run = CommandLineRun.against(host, "text", "oi");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("no answer");
    }

    @Test
    void a_host_that_stalls_in_the_middle_of_its_answer_is_exit_code_1() throws IOException {
        try (ServerSocket stalling = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread host = new Thread(() -> {
                try (Socket socket = stalling.accept()) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<Resp"
                                    .getBytes(StandardCharsets.UTF_8));
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // The tool went away, as it should.
                }
            });
            host.setDaemon(true);
            host.start();
            String url = "http://localhost:" + stalling.getLocalPort() + "/webhooks/twilio";
            CommandLineRun run = assertTimeoutPreemptively(
                    Duration.ofSeconds(30),
                    () -> CommandLineRun.of(
                            CommandLineRun.CREDENTIALS, "", "text", "--url", url, "--timeout", "1", "oi"));

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.out()).contains("no answer: not whole within 1 s");
        }
    }

    @Test
    void without_a_token_it_is_exit_code_2_and_says_what_is_missing() {
        CommandLineRun run = CommandLineRun.of(Map.of(), "", "text", "oi");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--token");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "text",
                "text --url ftp://x oi",
                "text --url http://x/?a=b oi",
                "text --url http://x:65536/ oi",
                "text --public-url https://x/?a=b oi",
                "text --timeout 0 oi",
                "media",
                "burst --count 0 oi",
                "duplicate --times 1 oi",
                "status SM1",
                "status SM1 sent --query a=b --message m",
                "status SM1 sent --query a=%zz",
                "status SM1 sent --query a=b#c",
                "location 91 0",
                "bad no-such-kind",
                "chat --listen 65536"
            })
    void wrong_usage_is_exit_code_2(String commandLine) {
        CommandLineRun run = CommandLineRun.of(
                CommandLineRun.CREDENTIALS, "", commandLine.isEmpty() ? new String[0] : commandLine.split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).isNotBlank().doesNotContain("Exception");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"text", "media", "location", "button", "burst", "duplicate", "status", "bad", "chat", "check"})
    void every_command_has_help_with_an_example(String command) {
        CommandLineRun run = CommandLineRun.of(CommandLineRun.CREDENTIALS, "", command, "--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Examples:", "handoff-customer " + command, "--public-url");
    }

    @Test
    void the_token_is_never_printed() throws IOException {
        try (LoopbackHost host = LoopbackHost.start()) {
            CommandLineRun help = CommandLineRun.against(host, "check", "--help");
            CommandLineRun check = CommandLineRun.against(host, "check");
            CommandLineRun usage = CommandLineRun.against(host, "text", "--timeout", "0", "oi");

            assertThat(help.out() + check.out() + check.err() + usage.out() + usage.err())
                    .doesNotContain(LoopbackHost.TOKEN);
        }
    }
}
