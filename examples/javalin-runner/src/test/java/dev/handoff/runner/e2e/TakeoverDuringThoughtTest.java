package dev.handoff.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.handoff.twilio.testing.FakeMessage;
import dev.handoff.twilio.testing.FakeTwilio;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** I1, seen from outside: what the bot is still thinking when a person takes over never reaches the customer. */
class TakeoverDuringThoughtTest {
    private static final Duration THOUGHT = Duration.ofSeconds(2);
    private static final int ROUNDS = 200;
    private static final int AT_ONCE = 25;

    @ParameterizedTest
    @EnumSource
    void I1_nothing_of_the_bot_is_sent_after_a_takeover_and_the_thought_is_kept_as_suppressed(TestDatabase database)
            throws Exception {
        long seed = Long.getLong("handoff.test.seed", System.nanoTime());
        System.out.println("TakeoverDuringThoughtTest seed " + seed + " (-Dhandoff.test.seed=" + seed + ")");
        Random random = new Random(seed);
        Map<String, String> settings;
        try (FakeTwilio twilio = FakeTwilio.start()) {
            settings = new HashMap<>(RunnerProcess.besideTwilio(twilio));
            settings.putAll(database.fresh());
            settings.put("HANDOFF_BOT_DELAY", THOUGHT.toString());
            settings.put("HANDOFF_AGENT_CAPACITY", "1000");
            try (RunnerProcess runner = RunnerProcess.start(settings)) {
                twilio.reaches(RunnerProcess.PUBLIC_URL, runner.baseUrl());
                AtomicInteger number = new AtomicInteger();
                Supplier<Customer> next =
                        () -> new Customer(twilio, "whatsapp:+55119%08d".formatted(number.getAndIncrement()));
                Set<String> tooLate = ConcurrentHashMap.newKeySet();
                ExecutorService customers = Executors.newFixedThreadPool(AT_ONCE);
                try {
                    List<Future<?>> rounds = new ArrayList<>();
                    for (int round = 0; round < ROUNDS; round++) {
                        // Long enough for the thought to have begun, too short for it to have ended.
                        Duration thinking = Duration.ofMillis(random.nextInt(500, 1_500));
                        rounds.add(customers.submit(() -> {
                            Customer customer = next.get();
                            while (!takenOverInTime(runner.as(RunnerProcess.ANA), customer, thinking)) {
                                tooLate.add(customer.address());
                                customer = next.get();
                            }
                            return null;
                        }));
                    }
                    for (Future<?> round : rounds) {
                        round.get();
                    }
                } finally {
                    customers.shutdownNow();
                }
                assertThat(twilio.messages().stream().map(FakeMessage::to))
                        .as("what Twilio was asked to send")
                        .allMatch(tooLate::contains);
            }
        }
    }

    /**
     * One customer writes, the bot thinks for a while, an agent takes over, the thought comes too late. False where this
     * machine was so slow that the thought may have ended before.
     */
    private static boolean takenOverInTime(Api ana, Customer customer, Duration thinking) throws Exception {
        long begun = System.nanoTime();
        customer.writes("oi");
        String id = ana.conversationOf(customer.address()).path("id").asText();
        LockSupport.parkNanos(thinking.toNanos());
        Api.Answer takeover = ana.command(id, "takeover");
        assertThat(takeover.status()).as(takeover.text()).isEqualTo(200);
        if (System.nanoTime() - begun > THOUGHT.toNanos()) {
            return false;
        }
        assertThat(takeover.body().path("inFlight")).isEmpty();
        Await.until(
                "the thought is kept in " + id,
                Duration.ofSeconds(60),
                () -> !botMessages(ana, id).isEmpty());
        assertThat(botMessages(ana, id)).singleElement().satisfies(thought -> {
            assertThat(thought.path("delivery").asText()).isEqualTo("SUPPRESSED");
            assertThat(thought.path("text").asText()).isEqualTo("echo: oi");
        });
        return true;
    }

    private static List<JsonNode> botMessages(Api ana, String id) {
        return ana.messages(id).stream()
                .filter(message -> message.path("owner").asText().equals("BOT"))
                .toList();
    }
}
