package dev.handoff.customer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.twilio.TwilioWebhook;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
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
            CompletableFuture<Integer> chat =
                    chat(host, keyboard, out, "--public-url", "https://bot.example.com", "--reports", "sent,read");

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
    void a_report_that_the_host_does_not_answer_is_waited_for_and_exit_code_1() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (LoopbackHost host = LoopbackHost.start();
                PipedWriter keyboard = new PipedWriter()) {
            host.misbehaviour = (exchange, webhook) -> {
                if (webhook instanceof TwilioWebhook.Status) {
                    awaitUninterrupted(over);
                }
                return null;
            };
            StringWriter out = new StringWriter();
            CompletableFuture<Integer> chat = chat(host, keyboard, out, "--reports", "sent", "--timeout", "3");

            keyboard.write("oi\n");
            keyboard.flush();
            await(() -> out.toString().contains("◀ echo: oi"));
            keyboard.close();

            assertThat(chat.get(30, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(out.toString()).contains("no answer", "UNEXPECTED");
        } finally {
            over.countDown();
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

    /** A chat under way whose port the host knows. */
    private static CompletableFuture<Integer> chat(
            LoopbackHost host, PipedWriter keyboard, StringWriter out, String... options)
            throws IOException, InterruptedException {
        Terminal terminal =
                CommandLineRun.terminal(new PipedReader(keyboard), out, new StringWriter(), CommandLineRun.CREDENTIALS);
        List<String> args = new ArrayList<>(List.of("chat", "--url", host.url(), "--listen", "0", "--linger", "1"));
        args.addAll(List.of(options));
        CompletableFuture<Integer> chat = CompletableFuture.supplyAsync(
                () -> CustomerCli.run(terminal, args.toArray(String[]::new)),
                // Not on the common pool: from Java 25 on, the HTTP client's answers wait for its one thread.
                command -> new Thread(command, "chat").start());
        await(() -> BASE_URL.matcher(out.toString()).find());
        Matcher named = BASE_URL.matcher(out.toString());
        assertThat(named.find()).isTrue();
        host.apiBaseUrl = named.group(1);
        return chat;
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
