package dev.handoff.customer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ChatTest {

    private static final Pattern BASE_URL = Pattern.compile("TWILIO_API_BASE_URL=(http://localhost:\\d+)");

    @Test
    void each_line_of_the_input_is_a_message() throws IOException {
        try (LoopbackHost host = LoopbackHost.start()) {
            CommandLineRun run =
                    CommandLineRun.of(CommandLineRun.CREDENTIALS, "oi\n\ntudo bem?\n", "chat", "--url", host.url());

            assertThat(run.exitCode()).isZero();
            assertThat(host.messages())
                    .extracting(m -> m.message().content().text())
                    .containsExactly("oi", "tudo bem?");
        }
    }

    @Test
    void what_the_host_sends_is_shown_and_its_delivery_reported() throws Exception {
        try (LoopbackHost host = LoopbackHost.behindProxy("https://bot.example.com");
                PipedWriter keyboard = new PipedWriter()) {
            StringWriter out = new StringWriter();
            Terminal terminal = CommandLineRun.terminal(
                    new PipedReader(keyboard), out, new StringWriter(), CommandLineRun.CREDENTIALS);
            CompletableFuture<Integer> chat = CompletableFuture.supplyAsync(() -> CustomerCli.run(
                    terminal,
                    "chat",
                    "--url",
                    host.url(),
                    "--public-url",
                    "https://bot.example.com",
                    "--listen",
                    "0",
                    "--reports",
                    "sent,read",
                    "--linger",
                    "1"));
            await(() -> BASE_URL.matcher(out.toString()).find());
            Matcher named = BASE_URL.matcher(out.toString());
            assertThat(named.find()).isTrue();
            host.apiBaseUrl = named.group(1);

            keyboard.write("oi\n");
            keyboard.flush();
            await(() -> out.toString().contains("◀ echo: oi"));
            await(() -> host.statuses().size() == 2);
            keyboard.close();

            assertThat(chat.get(30, TimeUnit.SECONDS)).isZero();
            assertThat(host.statuses())
                    .extracting(status -> status.update().status())
                    .containsExactly(DeliveryStatus.SENT, DeliveryStatus.READ);
            assertThat(out.toString()).doesNotContain("UNEXPECTED");
        }
    }

    @Test
    void a_port_that_is_taken_is_wrong_usage() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CommandLineRun run = CommandLineRun.of(
                    CommandLineRun.CREDENTIALS, "", "chat", "--listen", String.valueOf(taken.getLocalPort()));

            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains("--listen " + taken.getLocalPort());
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long giveUp = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 20 s").isLessThan(giveUp);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }
}
