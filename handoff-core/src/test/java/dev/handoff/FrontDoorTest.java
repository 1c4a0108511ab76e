package dev.handoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.handoff.bot.BotReply;
import dev.handoff.bot.BotSettings;
import dev.handoff.channel.InboundMessage;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.model.Agent;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.EventType;
import dev.handoff.notify.Notifier;
import dev.handoff.policy.DeadlineAction;
import dev.handoff.policy.Deadlines;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.HostTransaction;
import dev.handoff.testing.FakeChannel;
import dev.handoff.testing.RecordingNotifier;
import dev.handoff.testing.ScriptedBot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Building, starting, being told, joining the host's transaction, closing. */
class FrontDoorTest {
    private final InMemoryConversationStore store = new InMemoryConversationStore();
    private final FakeChannel channel = new FakeChannel("fake");
    private final ScriptedBot bot = new ScriptedBot().otherwise(turn -> BotReply.text("echo: " + turn.text()));

    @Test
    void the_builder_names_everything_that_is_missing_or_wrong_at_once() {
        ConfigurationException wrong = catchThrowableOfType(
                ConfigurationException.class,
                () -> Handoff.builder()
                        .deadlines(Deadlines.defaults().waiting(Duration.ZERO, DeadlineAction.REQUEUE))
                        .botSettings(new BotSettings(Duration.ZERO, 0, Duration.ofMillis(-1), 0, 0, Duration.ZERO))
                        .outbound(new OutboundSettings(
                                0,
                                Duration.ZERO,
                                Duration.ZERO,
                                Duration.ZERO,
                                Duration.ZERO,
                                0,
                                Double.NaN,
                                0,
                                Duration.ZERO,
                                Duration.ZERO))
                        .sweepInterval(Duration.ZERO)
                        .pollInterval(Duration.ZERO)
                        .build());

        assertThat(wrong.problems())
                .extracting(problem -> problem.substring(0, problem.indexOf(':')))
                .containsExactly(
                        "store",
                        "bot",
                        "channel",
                        "deadlines.waiting",
                        "deadlines.waitingAction",
                        "bot.timeLimit",
                        "bot.retryDelay",
                        "bot.lease",
                        "bot.maxAttempts",
                        "bot.concurrency",
                        "bot.historyLimit",
                        "outbound.maxAttempts",
                        "outbound.concurrency",
                        "outbound.retryBase",
                        "outbound.retryCap",
                        "outbound.timeBudget",
                        "outbound.unknownWait",
                        "outbound.permitFor",
                        "outbound.pace",
                        "outbound.lease",
                        "sweepInterval",
                        "pollInterval");
        assertThat(wrong).hasMessageContaining("JdbiConversationStore.on(jdbi)");
    }

    @Test
    void two_channels_of_one_name_are_a_problem() {
        ConfigurationException wrong = catchThrowableOfType(
                ConfigurationException.class,
                () -> builder().channel(new FakeChannel("fake")).build());

        assertThat(wrong.problems()).singleElement().asString().contains("two are named 'fake'");
    }

    @Test
    void building_starts_nothing_and_closing_ends_everything() {
        Handoff handoff = builder().build();
        assertThat(handoff.isRunning()).isFalse();
        assertThat(eventually(() -> threads().isEmpty())).isTrue();

        handoff.start();
        handoff.start();
        assertThat(handoff.isRunning()).isTrue();
        handoff.close();
        handoff.close();
        assertThat(handoff.isRunning()).isFalse();
        assertThat(eventually(() -> threads().isEmpty())).isTrue();
        assertThatIllegalStateException().isThrownBy(handoff::start);
    }

    @Test
    void closing_what_was_never_started_is_fine() {
        assertThatCode(() -> builder().build().close()).doesNotThrowAnyException();
    }

    @Test
    void with_workers_a_turn_starts_within_50_ms_and_many_run_side_by_side() throws Exception {
        LinkedBlockingQueue<Long> started = new LinkedBlockingQueue<>();
        CountDownLatch eight = new CountDownLatch(8);
        try (Handoff handoff = Handoff.builder()
                .store(store)
                .channel(channel)
                .pollInterval(Duration.ofHours(1))
                .bot(turn -> {
                    started.add(System.nanoTime());
                    eight.countDown();
                    eight.await();
                    return BotReply.silence();
                })
                .build()) {
            handoff.start();
            List<Long> delays = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                handoff.receive(from("customer-" + i, "oi"));
                long stored = System.nanoTime();
                Long begun = started.poll(10, TimeUnit.SECONDS);
                assertThat(begun).isNotNull();
                delays.add(begun - stored);
            }
            assertThat(eight.await(10, TimeUnit.SECONDS))
                    .as("eight thought at once")
                    .isTrue();
            // A busy build machine may lose one of them to its scheduler; most of them show what the library does.
            assertThat(delays.stream()
                            .filter(delay -> delay < Duration.ofMillis(50).toNanos()))
                    .hasSizeGreaterThanOrEqualTo(6);
        }
    }

    @Test
    void with_workers_a_customer_is_answered_without_any_polling() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        try (Handoff handoff = builder()
                .pollInterval(Duration.ofHours(1))
                .notifier((conversation, events) -> {
                    if (events.stream()
                            .anyMatch(event -> "BOT".equals(event.data().get("owner")))) {
                        told.countDown();
                    }
                })
                .build()) {
            handoff.start();
            handoff.receive(from("maria", "oi"));
            assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(eventually(() -> channel.heardBy("maria").equals(List.of("echo: oi"))))
                    .isTrue();
        }
    }

    @Test
    void closing_lets_the_feed_carry_what_was_done_last() throws Exception {
        Handoff handoff = builder().pollInterval(Duration.ofHours(1)).build();
        handoff.start();
        try (var gate = channel.holdSends()) {
            handoff.receive(from("maria", "oi"));
            Thread closer = new Thread(handoff::close);
            gate.awaitHeld();
            closer.start();
            assertThat(eventually(() -> !handoff.isRunning())).isTrue();
            gate.open();
            closer.join(15_000);
        }

        assertThat(store.sequenceFeed(100)).as("left behind").isZero();
        assertThat(handoff.feed("acme", 0, 100))
                .last()
                .satisfies(entry -> assertThat(entry.event().data()).containsEntry("delivery", "SENT"));
    }

    @Test
    void a_notifier_that_fails_costs_neither_the_command_nor_the_next_notifier() {
        RecordingNotifier told = new RecordingNotifier();
        Notifier broken = (conversation, events) -> {
            throw new IllegalStateException("no e-mail today");
        };
        Handoff handoff = builder().notifier(broken).notifier(told).build();

        assertThat(handoff.receive(from("maria", "oi"))).isInstanceOf(ReceiveResult.Stored.class);
        assertThat(told.types()).containsExactly(EventType.CONVERSATION_OPENED, EventType.NEW_MESSAGE);
        handoff.close();
    }

    @Test
    void a_notifier_is_told_after_the_commit_and_once_for_a_duplicate() {
        List<Boolean> committed = new ArrayList<>();
        Handoff handoff = builder()
                .notifier((conversation, events) ->
                        committed.add(store.conversation(conversation.id()).isPresent()))
                .build();
        InboundMessage message = from("maria", "oi");
        handoff.receive(message);
        handoff.receive(message);

        assertThat(committed).containsExactly(true);
        handoff.close();
    }

    @Test
    void a_policy_that_throws_or_answers_null_is_taken_as_no() {
        AtomicInteger asked = new AtomicInteger();
        Handoff handoff = builder()
                .policy(situation -> {
                    if (asked.getAndIncrement() == 0) {
                        throw new IllegalStateException("broken rule");
                    }
                    return null;
                })
                .build();

        assertThat(handoff.receive(from("maria", "oi"))).isInstanceOf(ReceiveResult.Stored.class);
        assertThat(handoff.receive(from("maria", "oi?"))).isInstanceOf(ReceiveResult.Stored.class);
        assertThat(asked).hasValue(2);
        handoff.close();
    }

    @Test
    void a_feed_hint_that_fails_does_not_stop_the_feed_and_one_that_is_closed_is_not_called() throws Exception {
        AtomicInteger hints = new AtomicInteger();
        Handoff handoff = builder().build();
        handoff.onFeed(() -> {
            throw new IllegalStateException("browser gone");
        });
        AutoCloseable subscription = handoff.onFeed(hints::incrementAndGet);
        handoff.receive(from("maria", "oi"));
        assertThat(handoff.sequenceFeedOnce()).isEqualTo(2);
        subscription.close();
        handoff.receive(from("maria", "oi?"));
        assertThat(handoff.sequenceFeedOnce()).isEqualTo(1);

        assertThat(hints).hasValue(1);
        handoff.close();
    }

    @Test
    void within_the_hosts_transaction_nobody_is_told_before_it_has_committed() {
        RecordingNotifier told = new RecordingNotifier();
        Handoff handoff = builder().notifier(told).build();
        JoinedTransaction transaction = new JoinedTransaction(store);
        HandoffCommands inside = handoff.within(transaction);
        Conversation conversation = ((ReceiveResult.Stored) inside.receive(from("maria", "oi"))).conversation();
        inside.as(new Agent("acme", "ana", dev.handoff.model.AgentRole.AGENT, 5))
                .takeOver(conversation.id())
                .orThrow();
        inside.host().endByUser(conversation.id(), "bye").orThrow();
        assertThat(told.types()).isEmpty();

        transaction.commit();
        assertThat(told.types())
                .containsExactly(
                        EventType.CONVERSATION_OPENED,
                        EventType.NEW_MESSAGE,
                        EventType.AGENT_TOOK_OVER,
                        EventType.CONVERSATION_CLOSED);
        handoff.close();
    }

    @Test
    void a_host_that_rolls_back_has_told_nobody() {
        RecordingNotifier told = new RecordingNotifier();
        Handoff handoff = builder().notifier(told).build();
        handoff.within(new JoinedTransaction(new InMemoryConversationStore())).receive(from("maria", "oi"));

        assertThat(told.told()).isEmpty();
        assertThat(store.conversation(new ConversationId("acme", new java.util.UUID(1, 1))))
                .isEmpty();
        handoff.close();
    }

    /** Stands in for a transaction of the host's: its store is what it is given, its end is told by hand. */
    private static final class JoinedTransaction implements HostTransaction {
        private final ConversationStore joined;
        private final List<Runnable> afterwards = new ArrayList<>();

        JoinedTransaction(ConversationStore joined) {
            this.joined = joined;
        }

        @Override
        public ConversationStore store() {
            return joined;
        }

        @Override
        public void afterCommit(Runnable action) {
            afterwards.add(action);
        }

        void commit() {
            afterwards.forEach(Runnable::run);
        }
    }

    private HandoffBuilder builder() {
        return Handoff.builder().store(store).channel(channel).bot(bot);
    }

    private static InboundMessage from(String customer, String text) {
        return new InboundMessage(
                new ConversationAddress("acme", "fake", "inbox", customer),
                "in-" + customer + "-" + text,
                Content.text(text),
                null,
                Map.of());
    }

    private static List<String> threads() {
        Thread[] all = new Thread[Thread.activeCount() + 50];
        int count = Thread.enumerate(all);
        return Arrays.stream(all, 0, count)
                .filter(thread -> thread.getName().startsWith("handoff-") && thread.isAlive())
                .map(Thread::getName)
                .toList();
    }

    private static boolean eventually(java.util.function.BooleanSupplier condition) {
        long giveUpAt = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < giveUpAt) {
            java.util.concurrent.locks.LockSupport.parkNanos(500_000);
        }
        return condition.getAsBoolean();
    }
}
