package dev.handoff.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.handoff.bot.Bot;
import dev.handoff.bot.BotReply;
import dev.handoff.bot.BotSettings;
import dev.handoff.bot.BotTurn;
import dev.handoff.machine.Command;
import dev.handoff.model.ConversationId;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.Delivery;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.MessageOwner;
import dev.handoff.testing.ScriptedBot;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The bot's turns: durable, fenced, limited in time, and never the bot's to lose. */
class BotTurnsTest {
    private static final Runnable NOTHING = () -> {};

    private final Rig rig = new Rig();
    private final ScriptedBot bot = new ScriptedBot().otherwise(turn -> BotReply.text("echo: " + turn.text()));

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void a_turn_knows_the_history_and_what_is_unanswered() throws Exception {
        ConversationId maria = rig.hears("maria", "um");
        run(rig.node(bot));
        rig.hears("maria", "dois");
        rig.hears("maria", "três");
        run(rig.node(bot));

        assertThat(bot.turns().get(1)).satisfies(turn -> {
            assertThat(turn.text()).isEqualTo("dois\ntrês");
            assertThat(turn.attempt()).isEqualTo(1);
            assertThat(turn.history())
                    .extracting(message -> message.content().text())
                    .containsExactly("um", "echo: um", "dois", "três");
        });
        assertThat(botSays(maria)).containsExactly("echo: um", "echo: dois\ntrês");
    }

    @Test
    void a_history_that_is_too_long_loses_its_beginning_and_never_what_is_unanswered() throws Exception {
        BotSettings short2 =
                new BotSettings(Rig.SETTINGS.timeLimit(), 3, Rig.SETTINGS.retryDelay(), 32, 2, Rig.SETTINGS.lease());
        rig.hears("maria", "um");
        run(rig.node(bot, short2));
        rig.hears("maria", "dois");
        run(rig.node(bot, short2));
        rig.hears("maria", "três");
        rig.hears("maria", "quatro");
        rig.hears("maria", "cinco");
        run(rig.node(bot, short2));

        assertThat(bot.turns().get(1).history())
                .extracting(message -> message.content().text())
                .containsExactly("echo: um", "dois");
        assertThat(bot.turns().get(2).unanswered()).hasSize(3);
    }

    @Test
    void a_bot_that_takes_too_long_is_interrupted_and_the_turn_is_tried_again_later() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        CountDownLatch never = new CountDownLatch(1);
        ConversationId maria = rig.hears("maria", "oi");
        Bot slow = turn -> {
            try {
                never.await();
            } catch (InterruptedException stopped) {
                interrupted.set(true);
            }
            return BotReply.text("too late");
        };
        runUntilTheTimeIsOver(slow);

        assertThat(interrupted).isTrue();
        assertThat(failures(maria)).singleElement().asString().contains("longer than PT30S");
        assertThat(begun(rig.node(bot))).as("not before its delay").isZero();
        rig.time.advance(Duration.ofMillis(500));
        run(rig.node(bot));
        assertThat(botSays(maria)).containsExactly("echo: oi");
    }

    @Test
    void a_bot_that_ignores_interrupts_holds_its_thread_and_its_conversation_but_no_slot() throws Exception {
        ConversationId maria = rig.hears("maria", "oi");
        try (Deaf deaf = new Deaf();
                HandTimer timer = new HandTimer()) {
            BotTurns node = new BotTurns(rig.runner, deaf, oneSlot(), () -> rig.threads, () -> timer);
            List<CountDownLatch> thinking = node.begin(NOTHING);
            timer.firesNext();

            ConversationId joao = rig.hears("joão", "olá");
            run(node);
            assertThat(botSays(joao)).containsExactly("echo: olá");
            deaf.hearAgain();
            await(thinking);
        }

        assertThat(botSays(maria)).as("what comes too late").isEmpty();
        assertThat(failures(maria)).singleElement().asString().contains("longer than PT30S");
        rig.time.advance(Duration.ofMillis(500));
        run(rig.node(bot));
        assertThat(botSays(maria)).containsExactly("echo: oi");
    }

    @Test
    void no_node_begins_a_second_thought_of_a_turn_beside_one_that_has_not_returned() throws Exception {
        ConversationId maria = rig.hears("maria", "oi");
        try (Deaf deaf = new Deaf();
                HandTimer timer = new HandTimer()) {
            BotTurns node = new BotTurns(rig.runner, deaf, Rig.SETTINGS, () -> rig.threads, () -> timer);
            List<CountDownLatch> thinking = node.begin(NOTHING);
            timer.firesNext();
            for (int i = 0; i < 3; i++) {
                rig.time.advance(Duration.ofSeconds(10));
                node.renewLeases();
                assertThat(node.begin(NOTHING)).as("here").isEmpty();
                assertThat(rig.node(bot).begin(NOTHING)).as("elsewhere").isEmpty();
            }
            deaf.hearAgain();
            await(thinking);
        }

        assertThat(rig.conversation(maria).owesBotTurn())
                .as("tried again later")
                .isTrue();
    }

    @Test
    void a_bot_that_does_not_return_for_as_long_again_is_given_up_and_a_human_is_called_at_once() throws Exception {
        ConversationId maria = rig.hears("maria", "oi");
        try (Deaf deaf = new Deaf();
                HandTimer timer = new HandTimer()) {
            BotTurns node = new BotTurns(rig.runner, deaf, Rig.SETTINGS, () -> rig.threads, () -> timer);
            List<CountDownLatch> thinking = node.begin(NOTHING);
            timer.firesNext();
            assertThat(failures(maria)).as("it may return yet").isEmpty();
            timer.firesNext();
            await(thinking);

            assertThat(failures(maria)).singleElement().asString().contains("has not stopped for as long again");
            assertThat(rig.conversation(maria).status()).isEqualTo(ConversationStatus.HUMAN_HANDOFF);
            deaf.hearAgain();
            assertThat(deaf.returned.await(10, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(botSays(maria)).isEmpty();
        assertThat(failures(maria)).as("counted once").hasSize(1);
    }

    @Test
    void a_bots_tool_is_told_to_stop_when_the_turns_time_is_over() throws Exception {
        ConversationId maria = rig.hears("maria", "cancele tudo");
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch never = new CountDownLatch(1);
        runUntilTheTimeIsOver(turn -> {
            try {
                never.await();
            } catch (InterruptedException ignored) {
                turn.ensureInControl();
                done.set(true);
            }
            return BotReply.text("cancelado");
        });

        assertThat(done).isFalse();
        assertThat(failures(maria)).singleElement().asString().contains("longer than PT30S");
    }

    @Test
    void a_thread_that_was_interrupted_for_one_turn_begins_the_next_without() throws Exception {
        AtomicBoolean dirty = new AtomicBoolean();
        rig.hears("maria", "oi");
        run(rig.node(turn -> {
            Thread.currentThread().interrupt();
            return BotReply.silence();
        }));
        rig.hears("maria", "oi?");
        run(rig.node(turn -> {
            dirty.set(Thread.currentThread().isInterrupted());
            return BotReply.silence();
        }));

        assertThat(dirty).isFalse();
    }

    @Test
    void null_exceptions_and_errors_are_failures_and_the_last_attempt_calls_a_human() throws Exception {
        ConversationId maria = rig.hears("maria", "oi");
        Bot[] broken = {
            turn -> null,
            turn -> {
                throw new IllegalStateException("no model");
            },
            turn -> {
                throw new AssertionError("a bot's own check");
            }
        };
        for (Bot each : broken) {
            run(rig.node(each));
            rig.time.advance(Duration.ofSeconds(5));
        }

        assertThat(failures(maria))
                .containsExactly(
                        "the bot answered nothing",
                        "java.lang.IllegalStateException: no model",
                        "java.lang.AssertionError: a bot's own check");
        assertThat(rig.conversation(maria).status()).isEqualTo(ConversationStatus.HUMAN_HANDOFF);
        assertThat(rig.conversation(maria).handoff().reason()).isEqualTo("bot_failed");
    }

    @Test
    void the_delay_before_the_next_attempt_doubles() throws Exception {
        bot.fails(new IllegalStateException("one")).fails(new IllegalStateException("two"));
        rig.hears("maria", "oi");
        run(rig.node(bot));
        rig.time.advance(Duration.ofMillis(500));
        run(rig.node(bot));
        rig.time.advance(Duration.ofMillis(999));
        assertThat(begun(rig.node(bot))).isZero();
        rig.time.advance(Duration.ofMillis(1));
        run(rig.node(bot));

        assertThat(bot.turns()).extracting(turn -> turn.attempt()).containsExactly(1, 2, 3);
    }

    @Test
    void a_turn_whose_process_died_is_claimed_by_another_node_when_its_lease_is_over() throws Exception {
        ConversationId maria = rig.hears("maria", "oi");
        rig.memory.claimBotTurns(1, Rig.SETTINGS.lease());
        assertThat(begun(rig.node(bot))).isZero();
        rig.time.advance(Duration.ofSeconds(15));
        run(rig.node(bot));

        assertThat(botSays(maria)).containsExactly("echo: oi");
        assertThat(bot.turns().get(0).attempt()).isEqualTo(2);
    }

    @Test
    void a_turn_that_kills_every_process_calls_a_human_and_no_further_process() throws Exception {
        ConversationId maria = rig.hears("maria", "oi");
        for (int i = 0; i < 3; i++) {
            assertThat(rig.memory.claimBotTurns(1, Rig.SETTINGS.lease())).hasSize(1);
            rig.time.advance(Duration.ofSeconds(15));
        }
        run(rig.node(turn -> fail("the bot is not called")));

        assertThat(failures(maria)).singleElement().asString().contains("died 3 times");
        assertThat(rig.conversation(maria).status()).isEqualTo(ConversationStatus.HUMAN_HANDOFF);
    }

    @Test
    void a_claim_is_renewed_while_the_bot_thinks_and_lost_when_nobody_renews_it() throws Exception {
        ConversationId maria = rig.hears("maria", "oi");
        BotTurns first = rig.node(bot);
        List<CountDownLatch> thinking;
        try (var gate = bot.holdTurns()) {
            thinking = first.begin(NOTHING);
            gate.awaitHeld();
            rig.time.advance(Duration.ofSeconds(10));
            first.renewLeases();
            rig.time.advance(Duration.ofSeconds(10));
            assertThat(begun(rig.node(bot))).as("renewed").isZero();
            rig.time.advance(Duration.ofSeconds(5));
            run(rig.node(turn -> BotReply.text("from another node")));
        }
        await(thinking);

        assertThat(rig.messages(maria))
                .filteredOn(message -> message.owner() == MessageOwner.BOT)
                .extracting(
                        message -> message.delivery() + " " + message.content().text())
                .containsExactly("QUEUED from another node", "SUPPRESSED echo: oi");
    }

    @Test
    void a_bots_tool_is_told_when_control_is_lost_and_that_is_no_failure() throws Exception {
        ConversationId maria = rig.hears("maria", "cancele tudo");
        AtomicBoolean done = new AtomicBoolean();
        run(rig.node(turn -> {
            turn.ensureInControl();
            rig.does(maria, new Command.TakeOver(Rig.ANA));
            turn.ensureInControl();
            done.set(true);
            return BotReply.text("cancelado");
        }));

        assertThat(done).isFalse();
        assertThat(failures(maria)).isEmpty();
        assertThat(botSays(maria)).isEmpty();
    }

    @Test
    void a_store_that_does_not_answer_is_not_the_bots_failure() throws Exception {
        AtomicBoolean down = new AtomicBoolean();
        try (Rig troubled = new Rig((method, arguments, real) -> {
            if (method.equals("messages") && down.getAndSet(false)) {
                throw TroubledStore.down();
            }
            return real.answer(arguments);
        })) {
            ConversationId maria = troubled.hears("maria", "oi");
            down.set(true);
            run(troubled.node(bot));
            assertThat(troubled.conversation(maria).bot().failuresInARow()).isZero();
            troubled.time.advance(Duration.ofSeconds(15));
            run(troubled.node(bot));
            assertThat(troubled.conversation(maria).owesBotTurn()).isFalse();
        }
    }

    @Test
    void a_reply_whose_commit_lost_its_answer_is_said_once() throws Exception {
        AtomicBoolean blink = new AtomicBoolean();
        try (Rig troubled = new Rig(TroubledStore.losingTheAnswerToACommit(blink))) {
            ConversationId maria = troubled.hears("maria", "oi");
            run(troubled.node(turn -> {
                blink.set(true);
                return BotReply.text("olá");
            }));
            assertThat(troubled.messages(maria))
                    .extracting(message -> message.content().text())
                    .containsExactly("oi", "olá");
        }
    }

    @Test
    void many_turns_run_side_by_side_and_no_more_than_there_are_slots() throws Exception {
        for (int i = 0; i < 12; i++) {
            rig.hears("customer-" + i, "oi");
        }
        BotSettings eight =
                new BotSettings(Rig.SETTINGS.timeLimit(), 3, Rig.SETTINGS.retryDelay(), 8, 100, Rig.SETTINGS.lease());
        BotTurns node = rig.node(bot, eight);
        List<CountDownLatch> first;
        try (var gate = bot.holdTurns()) {
            first = node.begin(NOTHING);
            gate.awaitHeld(8, Duration.ofSeconds(10));
            assertThat(node.begin(NOTHING)).isEmpty();
        }
        await(first);
        assertThat(begun(node)).isEqualTo(4);
    }

    @Test
    void one_conversation_is_never_in_two_turns_at_once() throws Exception {
        rig.hears("maria", "oi");
        List<CountDownLatch> first;
        try (var gate = bot.holdTurns()) {
            first = rig.node(bot).begin(NOTHING);
            gate.awaitHeld();
            rig.hears("maria", "oi?");
            assertThat(rig.node(bot).begin(NOTHING)).isEmpty();
        }
        await(first);
        run(rig.node(bot));
        assertThat(bot.turns()).extracting(turn -> turn.text()).containsExactly("oi", "oi?");
    }

    @Test
    void a_long_reply_is_said_in_pieces_that_the_channel_takes() throws Exception {
        ConversationId maria = rig.hears("maria", "conte tudo");
        String sentence = "x".repeat(999) + ". ";
        run(rig.node(turn -> BotReply.text(sentence.repeat(4).strip())));

        assertThat(botSays(maria)).extracting(String::length).containsExactly(1000, 1000, 1000, 1000);
    }

    @Test
    void a_turn_for_which_there_is_no_thread_is_claimed_again_when_its_lease_is_over_and_keeps_no_slot()
            throws Exception {
        ConversationId maria = rig.hears("maria", "oi");
        AtomicBoolean exhausted = new AtomicBoolean(true);
        try (var none = NoThreads.left()) {
            BotTurns node = new BotTurns(
                    rig.runner, bot, oneSlot(), () -> exhausted.get() ? none.threads() : rig.threads, () -> rig.timer);
            assertThatThrownBy(() -> node.begin(NOTHING)).isInstanceOf(OutOfMemoryError.class);
            exhausted.set(false);
            node.renewLeases();
            rig.time.advance(Duration.ofSeconds(15));
            run(node);
        }

        assertThat(botSays(maria)).containsExactly("echo: oi");
    }

    @Test
    void a_process_that_closes_leaves_its_turns_to_others_and_does_not_count_them_as_failures() throws Exception {
        ConversationId maria = rig.hears("maria", "oi");
        List<CountDownLatch> thinking;
        try (var gate = bot.holdTurns()) {
            thinking = rig.node(bot).begin(NOTHING);
            gate.awaitHeld();
            rig.threads.shutdownNow();
            await(thinking);
        }

        assertThat(failures(maria)).isEmpty();
        assertThat(rig.conversation(maria)).satisfies(conversation -> {
            assertThat(conversation.bot().failuresInARow()).isZero();
            assertThat(conversation.owesBotTurn()).isTrue();
        });
        try (Rig other = new Rig()) {
            BotTurns elsewhere = new BotTurns(rig.runner, bot, Rig.SETTINGS, () -> other.threads, () -> other.timer);
            rig.time.advance(Duration.ofSeconds(15));
            run(elsewhere);
        }
        assertThat(botSays(maria)).containsExactly("echo: oi");
    }

    /** Hears no interrupt, as bots do that catch everything; answers others than Maria at once. */
    private static final class Deaf implements Bot, AutoCloseable {
        private final CountDownLatch hears = new CountDownLatch(1);
        private final CountDownLatch returned = new CountDownLatch(1);

        @Override
        public BotReply answer(BotTurn turn) {
            if (!turn.conversation().address().customer().equals("maria")) {
                return BotReply.text("echo: " + turn.text());
            }
            while (hears.getCount() > 0) {
                try {
                    hears.await();
                } catch (InterruptedException ignored) {
                    // This is what makes it deaf.
                }
            }
            returned.countDown();
            return BotReply.text("at last");
        }

        void hearAgain() {
            hears.countDown();
        }

        @Override
        public void close() {
            hears.countDown();
        }
    }

    /** Fires when it is told to, whatever the delay. */
    private static final class HandTimer extends ScheduledThreadPoolExecutor implements AutoCloseable {
        private final LinkedBlockingQueue<Runnable> set = new LinkedBlockingQueue<>();

        HandTimer() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable action, long delay, TimeUnit unit) {
            set.add(action);
            return super.schedule(() -> {}, 1, TimeUnit.DAYS);
        }

        void firesNext() throws InterruptedException {
            Runnable next = set.poll(10, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            next.run();
        }

        @Override
        public void close() {
            shutdownNow();
        }
    }

    private static BotSettings oneSlot() {
        return new BotSettings(Duration.ofSeconds(30), 3, Duration.ofMillis(500), 1, 100, Duration.ofSeconds(15));
    }

    private void runUntilTheTimeIsOver(Bot slow) throws InterruptedException {
        try (HandTimer timer = new HandTimer()) {
            BotTurns node = new BotTurns(rig.runner, slow, Rig.SETTINGS, () -> rig.threads, () -> timer);
            List<CountDownLatch> thinking = node.begin(NOTHING);
            timer.firesNext();
            await(thinking);
        }
    }

    private static int begun(BotTurns node) throws InterruptedException {
        List<CountDownLatch> turns = node.begin(NOTHING);
        await(turns);
        return turns.size();
    }

    private static void run(BotTurns node) throws InterruptedException {
        assertThat(begun(node)).as("turns begun").isPositive();
    }

    private static void await(List<CountDownLatch> turns) throws InterruptedException {
        for (CountDownLatch turn : turns) {
            assertThat(turn.await(15, TimeUnit.SECONDS)).as("the turn ended").isTrue();
        }
    }

    private List<String> botSays(ConversationId id) {
        return rig.messages(id).stream()
                .filter(message -> message.owner() == MessageOwner.BOT && message.delivery() != Delivery.SUPPRESSED)
                .map(message -> message.content().text())
                .toList();
    }

    private List<String> failures(ConversationId id) {
        return rig.memory.events(id, 0, 1000).stream()
                .filter(event -> event.type() == EventType.BOT_FAILED)
                .map(Event::data)
                .map(data -> data.get("reason"))
                .toList();
    }
}
