package dev.handoff.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.handoff.twilio.testing.FakeTwilio;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The runner is killed (SIGKILL) between webhook and answer, again and again: what was acknowledged is not lost. */
class KilledRunnerTest {
    private static final int KILLS = Integer.getInteger("handoff.test.kills", 20);
    private static final int CUSTOMERS = 4;

    @ParameterizedTest
    @EnumSource
    @Timeout(3600)
    void I3_nothing_stored_is_lost_and_what_was_queued_goes_out(TestDatabase database) throws Exception {
        long seed = Long.getLong("handoff.test.seed", System.nanoTime());
        System.out.println("KilledRunnerTest seed " + seed + " (-Dhandoff.test.seed=" + seed + ")");
        Random random = new Random(seed);
        try (FakeTwilio twilio = FakeTwilio.start()) {
            Map<String, String> settings = new HashMap<>(RunnerProcess.besideTwilio(twilio));
            settings.putAll(database.fresh());
            settings.put("HANDOFF_UNKNOWN_WAIT", "PT0.5S");
            settings.put("HANDOFF_BOT_DELAY", "PT0.05S");
            settings.put("HANDOFF_WAIT_TIMEOUT", "PT1H");
            try (RunnerProcess runner = RunnerProcess.start(settings)) {
                twilio.reaches(RunnerProcess.PUBLIC_URL, runner.baseUrl());
                List<Writer> writers = new ArrayList<>();
                for (int i = 0; i < CUSTOMERS; i++) {
                    writers.add(new Writer(twilio, "whatsapp:+55118888000" + i));
                }
                for (int kill = 0; kill < KILLS; kill++) {
                    LockSupport.parkNanos(
                            Duration.ofMillis(random.nextInt(1200)).toNanos());
                    runner.kill();
                    runner.restart();
                }
                writers.forEach(Writer::stop);
                Api ana = runner.as(RunnerProcess.ANA);
                for (Writer writer : writers) {
                    writer.join();
                    assertEverythingIsThere(ana, writer);
                }
                int acknowledged = writers.stream()
                        .mapToInt(writer -> writer.acknowledged.size())
                        .sum();
                System.out.println("KilledRunnerTest " + database + ": " + KILLS + " kills, " + acknowledged
                        + " messages acknowledged, " + twilio.sendRequests().size() + " send requests, "
                        + twilio.messages().size() + " messages accepted by Twilio");
            }
        }
    }

    /** A turn whose process has died too often is given to a human: then that is what became of the customer's messages. */
    private static void assertEverythingIsThere(Api ana, Writer writer) {
        String id = ana.conversationOf(writer.customer.address()).path("id").asText();
        Await.until(
                "everything that was stored for " + writer.customer.address()
                        + " is answered, or a human is called; see " + ana.conversationOf(writer.customer.address()),
                Duration.ofSeconds(60),
                () -> answeredLines(ana, id).containsAll(writer.acknowledged) || isWithAHuman(ana, writer));
        Await.until(
                "everything that was queued is sent, or suppressed since a human was called",
                Duration.ofSeconds(60),
                () -> outbound(ana, id)
                        .map(message -> message.path("delivery").asText())
                        .allMatch(delivery -> delivery.equals("SENT")
                                || (delivery.equals("SUPPRESSED") && isWithAHuman(ana, writer))));
        List<String> stored = ana.messages(id).stream()
                .filter(message -> message.path("owner").asText().equals("CUSTOMER"))
                .map(message -> message.path("text").asText())
                .toList();
        assertThat(stored).doesNotHaveDuplicates().containsAll(writer.acknowledged);
        List<String> sent = outbound(ana, id)
                .filter(message -> message.path("delivery").asText().equals("SENT"))
                .map(message -> message.path("text").asText())
                .toList();
        assertThat(writer.customer.hears()).as("each once, in order").isEqualTo(sent);
    }

    private static Stream<JsonNode> outbound(Api ana, String id) {
        return ana.messages(id).stream()
                .filter(message -> message.path("direction").asText().equals("OUTBOUND"));
    }

    private static boolean isWithAHuman(Api ana, Writer writer) {
        JsonNode conversation = ana.conversationOf(writer.customer.address());
        return conversation.path("status").asText().equals("HUMAN_HANDOFF")
                && conversation.path("handoffReason").asText().equals("bot_failed");
    }

    private static List<String> answeredLines(Api ana, String id) {
        List<String> lines = new ArrayList<>();
        for (JsonNode message : ana.messages(id)) {
            if (message.path("owner").asText().equals("BOT")) {
                lines.addAll(List.of(message.path("text")
                        .asText()
                        .substring("echo: ".length())
                        .split("\n", -1)));
            }
        }
        return lines;
    }

    /** A customer who writes without pause, and repeats, as Twilio would be told to, what was not acknowledged. */
    private static final class Writer {
        private final Customer customer;
        private final ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
        private final Thread thread;
        private volatile boolean stopped;

        Writer(FakeTwilio twilio, String address) {
            this.customer = new Customer(twilio, address);
            this.thread = new Thread(this::write, "customer " + address);
            this.thread.start();
        }

        void stop() {
            stopped = true;
        }

        void join() throws InterruptedException {
            thread.join();
        }

        private void write() {
            for (int n = 1; !stopped; n++) {
                String text = "message " + n;
                Map<String, String> parameters =
                        customer.twilio().inboundParameters(customer.address(), Customer.INBOX, text);
                while (!post(parameters)) {
                    LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                }
                acknowledged.add(text);
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        }

        private boolean post(Map<String, String> parameters) {
            try {
                return customer.twilio()
                                .post(RunnerProcess.PUBLIC_URL + "/webhooks/twilio", parameters)
                                .status()
                        == 200;
            } catch (IOException killed) {
                return false;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
