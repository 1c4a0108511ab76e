package dev.handoff.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.channel.SendResult;
import dev.handoff.machine.Command;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Message;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.SenderContact;
import dev.handoff.store.SenderId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a message on its way out. */
class SenderTest {
    private static final OutboundSettings SETTINGS = settings(3, Duration.ofHours(24), Duration.ofSeconds(3));

    private final Rig rig = new Rig();
    private final Sender sender = sender(SETTINGS);
    private final ConversationId maria = held("maria");

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void sent_is_what_the_provider_has_accepted() throws Exception {
        anaSays("oi");
        assertThat(send(sender)).isEqualTo(1);

        assertThat(last().delivery()).isEqualTo(Delivery.SENT);
        assertThat(last().providerMessageId()).isNotNull();
        assertThat(rig.channel.heardBy("maria")).containsExactly("oi");
        assertThat(send(sender)).isZero();
    }

    @Test
    void retry_waits_as_long_as_the_provider_asks() throws Exception {
        rig.channel.nextSend(new SendResult.Retry("busy", Duration.ofSeconds(7), false));
        anaSays("oi");
        send(sender);
        assertThat(last().delivery()).isEqualTo(Delivery.QUEUED);
        assertThat(last().error()).isEqualTo("busy");

        rig.time.advance(Duration.ofSeconds(7).minusMillis(1));
        assertThat(send(sender)).isZero();
        rig.time.advance(Duration.ofMillis(1));
        assertThat(send(sender)).isEqualTo(1);
        assertThat(last().delivery()).isEqualTo(Delivery.SENT);
        assertThat(rig.channel.sends()).extracting(attempt -> attempt.attempt()).containsExactly(1, 2);
    }

    @Test
    void I4_what_waits_for_a_retry_holds_up_what_came_after_it() throws Exception {
        rig.channel.nextSend(new SendResult.Retry("busy", Duration.ofSeconds(5), false));
        anaSays("um");
        anaSays("dois");
        assertThat(send(sender)).isEqualTo(1);
        assertThat(send(sender)).isZero();
        rig.time.advance(Duration.ofSeconds(5));
        send(sender);
        send(sender);

        assertThat(rig.channel.heardBy("maria")).containsExactly("um", "dois");
    }

    @Test
    void a_message_that_never_succeeds_is_dead_after_its_last_attempt() throws Exception {
        for (int i = 0; i < 3; i++) {
            rig.channel.nextSend(new SendResult.Retry("busy", Duration.ofSeconds(1), false));
        }
        anaSays("oi");
        for (int i = 0; i < 3; i++) {
            assertThat(send(sender)).isEqualTo(1);
            rig.time.advance(Duration.ofSeconds(1));
        }

        assertThat(last().delivery()).isEqualTo(Delivery.FAILED);
        assertThat(last().error()).contains("3 attempts").contains("busy");
        assertThat(rig.memory.deadLetters("acme", 10)).hasSize(1);
    }

    @Test
    void a_message_is_not_tried_beyond_its_time_budget() throws Exception {
        Sender hasty = sender(settings(99, Duration.ofMinutes(1), SETTINGS.permitFor()));
        rig.channel.nextSend(new SendResult.Retry("busy", Duration.ofSeconds(50), false));
        rig.channel.nextSend(new SendResult.Retry("busy", Duration.ofSeconds(50), false));
        anaSays("oi");
        send(hasty);
        assertThat(last().delivery()).isEqualTo(Delivery.QUEUED);
        rig.time.advance(Duration.ofSeconds(50));
        send(hasty);

        assertThat(last().delivery()).isEqualTo(Delivery.FAILED);
        assertThat(last().error()).contains("PT1M");
    }

    @Test
    void a_message_that_waited_for_a_process_beyond_its_time_budget_is_not_sent_any_more() throws Exception {
        anaSays("um");
        rig.time.advance(SETTINGS.timeBudget());
        anaSays("dois");
        assertThat(send(sender)).isEqualTo(1);
        rig.time.advance(Duration.ofSeconds(1));
        anaSays("três");
        rig.time.advance(SETTINGS.timeBudget());
        assertThat(send(sender)).isEqualTo(1);
        assertThat(send(sender)).isEqualTo(1);

        assertThat(rig.channel.heardBy("maria")).as("at the last moment").containsExactly("um", "três");
        assertThat(outbound().get(1).delivery()).isEqualTo(Delivery.FAILED);
        assertThat(outbound().get(1).error()).contains("PT24H");
    }

    @Test
    void a_permanent_error_and_a_missing_template_fail_that_message_and_no_other() throws Exception {
        rig.channel.nextSend(new SendResult.Permanent("63003: no such number"));
        rig.channel.nextSend(new SendResult.NeedsTemplate("63016: outside the session window"));
        anaSays("um");
        anaSays("dois");
        anaSays("três");
        for (int i = 0; i < 3; i++) {
            send(sender);
        }

        assertThat(outbound())
                .extracting(Message::delivery)
                .containsExactly(Delivery.FAILED, Delivery.FAILED, Delivery.SENT);
        assertThat(outbound().get(0).error()).isEqualTo("63003: no such number");
        assertThat(outbound().get(1).error()).startsWith("needs an approved template");
    }

    @Test
    void an_unknown_outcome_and_a_channel_that_throws_wait_for_certainty_before_anything_is_sent_again()
            throws Exception {
        rig.channel.nextSendIsCut();
        anaSays("um");
        send(sender);
        assertThat(last().delivery()).isEqualTo(Delivery.UNKNOWN);
        rig.time.advance(Duration.ofHours(1));
        assertThat(send(sender)).isZero();

        ConversationId joao = held("joão");
        rig.channel.nextSendThrows(new IllegalStateException("oops"));
        rig.does(joao, new Command.AgentReplies(Rig.ANA.asActor(), Content.text("oi")));
        send(sender);
        assertThat(rig.messages(joao).get(1).delivery()).isEqualTo(Delivery.UNKNOWN);
    }

    @Test
    void a_message_for_a_channel_that_this_process_does_not_have_is_left_to_one_that_has_it() throws Exception {
        Sender other = withoutChannels();
        anaSays("oi");
        send(other);

        assertThat(last().error()).contains("no channel is named 'fake'");
        assertThat(last().delivery()).isEqualTo(Delivery.QUEUED);
    }

    @Test
    void a_process_that_was_paused_past_its_permit_does_not_send_and_spends_no_attempt() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        LongSupplier pausedAfterTheClaim =
                () -> looks.getAndIncrement() == 0 ? 0 : Duration.ofSeconds(3).toNanos();
        anaSays("oi");
        send(sender(SETTINGS, pausedAfterTheClaim));
        assertThat(rig.channel.sends()).isEmpty();
        assertThat(last().delivery()).isEqualTo(Delivery.QUEUED);

        send(sender);
        assertThat(rig.channel.sends()).extracting(attempt -> attempt.attempt()).containsExactly(1);
    }

    @Test
    void I1_a_process_that_was_paused_before_any_of_its_looks_at_the_clock_does_not_send_afterwards() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        anaSays("one");
        send(sender(SETTINGS, () -> looks.getAndIncrement() * 0L));
        assertThat(rig.channel.sends()).hasSize(1);
        int all = looks.get();
        anaSays("two");

        for (int pausedBefore = 1; pausedBefore < all; pausedBefore++) {
            int look = pausedBefore;
            looks.set(0);
            send(sender(
                    SETTINGS,
                    () -> looks.getAndIncrement() < look
                            ? 0
                            : SETTINGS.permitFor().toNanos()));

            assertThat(rig.channel.sends())
                    .as("paused before look %s of %s", look + 1, all)
                    .hasSize(1);
        }
        assertThat(last().delivery()).isEqualTo(Delivery.QUEUED);
    }

    @Test
    void I1_the_time_of_a_permit_runs_from_before_it_was_asked_for() throws Exception {
        AtomicLong clock = new AtomicLong();
        try (Rig slow = new Rig((method, arguments, real) -> {
            Object answer = real.answer(arguments);
            if (method.equals("claimPermits")) {
                clock.addAndGet(SETTINGS.permitFor().toNanos());
            }
            return answer;
        })) {
            ConversationId joana = slow.hears("joana", "oi");
            slow.does(joana, new Command.TakeOver(Rig.ANA));
            slow.does(joana, new Command.AgentReplies(Rig.ANA.asActor(), Content.text("oi")));

            assertThat(send(slow.sender(SETTINGS, clock::get))).isEqualTo(1);

            assertThat(slow.channel.sends()).isEmpty();
        }
    }

    @Test
    void a_sender_that_the_provider_slows_down_holds_back_its_other_customers_too() throws Exception {
        rig.channel.nextSend(new SendResult.Retry("too many requests", Duration.ofSeconds(1), true));
        anaSays("um");
        send(sender);
        ConversationId joao = held("joão");
        rig.does(joao, new Command.AgentReplies(Rig.ANA.asActor(), Content.text("oi")));
        assertThat(send(sender)).isZero();

        rig.time.advance(Duration.ofSeconds(2));
        send(sender);
        assertThat(rig.channel.heardBy("joão")).containsExactly("oi");
    }

    @Test
    void no_more_permits_are_taken_than_there_are_free_slots() throws Exception {
        for (int i = 0; i < 12; i++) {
            rig.does(rig.hears("customer-" + i, "oi"), new Command.BotReplies(1, 1, BotReply.text("olá")));
        }
        List<CountDownLatch> first;
        try (var gate = rig.channel.holdSends()) {
            first = sender.begin(() -> {});
            gate.awaitHeld(8, Duration.ofSeconds(10));
            assertThat(sender.begin(() -> {})).isEmpty();
        }
        await(first);
        assertThat(send(sender)).isEqualTo(4);
    }

    @Test
    void a_message_for_which_there_is_no_thread_keeps_no_slot() throws Exception {
        anaSays("oi");
        AtomicBoolean exhausted = new AtomicBoolean(true);
        try (var none = NoThreads.left()) {
            Sender elsewhere = new Sender(
                    rig.store,
                    rig.channels(),
                    SETTINGS,
                    new Backoff(SETTINGS.retryBase(), SETTINGS.retryCap(), new Random(1)),
                    Waiting.IN_A_PROCESS,
                    () -> exhausted.get() ? none.threads() : rig.threads,
                    () -> {});
            assertThatThrownBy(() -> elsewhere.begin(() -> {})).isInstanceOf(OutOfMemoryError.class);
            exhausted.set(false);
            for (int i = 0; i < SETTINGS.concurrency(); i++) {
                rig.does(rig.hears("customer-" + i, "oi"), new Command.BotReplies(1, 1, BotReply.text("olá")));
            }
            assertThat(send(elsewhere)).isEqualTo(SETTINGS.concurrency());
        }
    }

    @Test
    void I1_a_retry_of_a_bots_message_after_a_takeover_is_suppressed_and_one_in_flight_is_reported() throws Exception {
        ConversationId joao = rig.hears("joão", "oi");
        rig.does(joao, new Command.BotReplies(1, 1, BotReply.text("olá")));
        rig.channel.nextSend(new SendResult.Retry("busy", Duration.ZERO, false));
        List<CountDownLatch> sending;
        try (var gate = rig.channel.holdSends()) {
            sending = sender.begin(() -> {});
            gate.awaitHeld();
            assertThat(rig.does(joao, new Command.TakeOver(Rig.ANA)).inFlight())
                    .containsExactly(rig.messages(joao).get(1).id());
        }
        await(sending);

        assertThat(rig.messages(joao).get(1).delivery()).isEqualTo(Delivery.SUPPRESSED);
        assertThat(send(sender)).isZero();
    }

    @Test
    void a_store_that_blinks_when_the_result_is_written_costs_nothing() throws Exception {
        AtomicInteger blinks = new AtomicInteger(1);
        try (Rig troubled = new Rig((method, arguments, real) -> {
            if (method.equals("recordResults") && blinks.getAndDecrement() > 0) {
                throw TroubledStore.down();
            }
            return real.answer(arguments);
        })) {
            ConversationId id = troubled.hears("maria", "oi");
            troubled.does(id, new Command.BotReplies(1, 1, BotReply.text("olá")));
            send(troubled.sender(SETTINGS));
            assertThat(troubled.messages(id).get(1).delivery()).isEqualTo(Delivery.SENT);
        }
    }

    @Test
    void a_result_that_could_not_be_kept_frees_its_slot_and_is_unknown_when_its_lease_is_over() throws Exception {
        AtomicInteger down = new AtomicInteger(2);
        try (Rig troubled = new Rig((method, arguments, real) -> {
            if (method.equals("recordResults") && down.getAndDecrement() > 0) {
                throw TroubledStore.down();
            }
            return real.answer(arguments);
        })) {
            ConversationId id = troubled.hears("maria", "oi");
            troubled.does(id, new Command.BotReplies(1, 1, BotReply.text("olá")));
            send(troubled.sender(SETTINGS));
            assertThat(troubled.messages(id).get(1).delivery()).isEqualTo(Delivery.DISPATCHING);
            troubled.time.advance(Duration.ofSeconds(15));
            Resolver resolver = new Resolver(troubled.store, troubled.channels(), SETTINGS);
            resolver.resolve();
            assertThat(troubled.messages(id).get(1).delivery()).isEqualTo(Delivery.SENT);
            assertThat(troubled.channel.sends()).hasSize(1);
        }
    }

    @Test
    void many_results_are_written_in_few_statements() throws Exception {
        AtomicInteger statements = new AtomicInteger();
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        List<Integer> sizes = new java.util.concurrent.CopyOnWriteArrayList<>();
        try (Rig watched = new Rig((method, arguments, real) -> {
            if (method.equals("recordResults")) {
                sizes.add(TroubledStore.<AttemptResult>listOf(arguments[0]).size());
                if (statements.getAndIncrement() == 0) {
                    begun.countDown();
                    goOn.await();
                }
            }
            return real.answer(arguments);
        })) {
            Results results = new Results(watched.store, Waiting.IN_A_PROCESS, () -> {});
            AttemptResult nobodys = new AttemptResult(
                    rig.messages(maria).get(0).id(), new java.util.UUID(1, 1), new AttemptResult.Verdict.Dead("x"));
            List<Thread> senders = IntStream.range(0, 9)
                    .mapToObj(i -> new Thread(() -> results.add(nobodys, null), "sender-" + i))
                    .toList();
            senders.get(0).start();
            begun.await();
            senders.subList(1, 9).forEach(Thread::start);
            senders.subList(1, 9).forEach(Eventually::isParked);
            goOn.countDown();
            for (Thread thread : senders) {
                thread.join(15_000);
            }
            assertThat(sizes).containsExactly(1, 8);
        }
    }

    @Test
    void what_an_open_circuit_tries_in_vain_is_nobodys_attempt() throws Exception {
        anaSays("oi");
        openTheCircuit(SenderId.of(rig.conversation(maria).address()));
        int inVain = 2 * SETTINGS.maxAttempts();
        for (int i = 0; i < inVain; i++) {
            rig.channel.nextSend(new SendResult.Unreachable("refused"));
            assertThat(send(sender)).isEqualTo(1);
            rig.time.advance(Duration.ofMinutes(5));
        }

        send(sender);

        assertThat(last().delivery()).isEqualTo(Delivery.SENT);
        assertThat(rig.channel.sends()).hasSize(inVain + 1).allMatch(attempt -> attempt.attempt() == 1);
    }

    private void openTheCircuit(SenderId inbox) {
        for (int i = 0; i < 6; i++) {
            rig.store.recordContacts(List.of(new SenderContact(inbox, SenderContact.Kind.FAILED)));
            rig.time.advance(Duration.ofSeconds(1));
        }
        rig.time.advance(Duration.ofSeconds(5));
    }

    @Test
    void a_try_of_an_open_circuit_that_sends_nothing_is_anothers_at_once() throws Exception {
        anaSays("waited for too long");
        rig.time.advance(SETTINGS.timeBudget().plusSeconds(1));
        ConversationId joao = held("joão");
        rig.does(joao, new Command.AgentReplies(Rig.ANA.asActor(), Content.text("oi")));
        openTheCircuit(SenderId.of(rig.conversation(joao).address()));

        assertThat(send(sender)).isEqualTo(1);
        assertThat(last().delivery()).isEqualTo(Delivery.FAILED);
        assertThat(send(sender)).isEqualTo(1);

        assertThat(rig.channel.heardBy("joão")).containsExactly("oi");
    }

    @Test
    void a_message_for_a_channel_that_nobody_has_is_given_up_when_its_time_is_over() throws Exception {
        anaSays("oi");
        rig.time.advance(SETTINGS.timeBudget().plusSeconds(1));
        Sender other = withoutChannels();

        send(other);

        assertThat(last().delivery()).isEqualTo(Delivery.FAILED);
    }

    @Test
    void two_failures_in_a_row_open_no_circuit() throws Exception {
        rig.channel.nextSend(new SendResult.Unreachable("refused")).nextSend(new SendResult.Unreachable("refused"));
        anaSays("oi");
        send(sender);
        rig.time.advance(Duration.ofMinutes(1));
        send(sender);
        rig.time.advance(Duration.ofMinutes(1));
        send(sender);

        assertThat(last().delivery()).isEqualTo(Delivery.SENT);
        assertThat(rig.channel.sends()).extracting(attempt -> attempt.attempt()).containsExactly(1, 2, 3);
    }

    private static OutboundSettings settings(int maxAttempts, Duration timeBudget, Duration permitFor) {
        OutboundSettings usual = OutboundSettings.defaults();
        return new OutboundSettings(
                maxAttempts,
                usual.retryBase(),
                usual.retryCap(),
                timeBudget,
                usual.unknownWait(),
                1e9,
                1e9,
                8,
                permitFor,
                usual.lease());
    }

    private Sender sender(OutboundSettings settings) {
        return rig.sender(settings);
    }

    private Sender sender(OutboundSettings settings, LongSupplier nanoTime) {
        return rig.sender(settings, nanoTime);
    }

    private Sender withoutChannels() {
        return new Sender(
                rig.store,
                Map.of(),
                SETTINGS,
                new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5), new Random(1)),
                Waiting.IN_A_PROCESS,
                () -> rig.threads,
                () -> {});
    }

    private ConversationId held(String customer) {
        ConversationId id = rig.hears(customer, "oi");
        rig.does(id, new Command.TakeOver(Rig.ANA));
        return id;
    }

    private void anaSays(String text) {
        rig.does(maria, new Command.AgentReplies(Rig.ANA.asActor(), Content.text(text)));
    }

    private Message last() {
        List<Message> all = rig.messages(maria);
        return all.get(all.size() - 1);
    }

    private List<Message> outbound() {
        return rig.messages(maria).stream()
                .filter(message -> message.delivery() != null)
                .toList();
    }

    private static int send(Sender sender) throws InterruptedException {
        List<CountDownLatch> begun = sender.begin(() -> {});
        await(begun);
        return begun.size();
    }

    private static void await(List<CountDownLatch> begun) throws InterruptedException {
        for (CountDownLatch one : begun) {
            assertThat(one.await(15, TimeUnit.SECONDS)).isTrue();
        }
    }
}
