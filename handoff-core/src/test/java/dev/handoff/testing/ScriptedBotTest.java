package dev.handoff.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.bot.BotReply;
import dev.handoff.bot.BotTurn;
import dev.handoff.model.ConversationAddress;
import dev.handoff.testkit.Draft;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ScriptedBotTest {
    private final ScriptedBot bot = new ScriptedBot();

    @Test
    void it_says_what_it_was_told_in_order_and_then_nothing() throws Exception {
        bot.says("one").replies(BotReply.dontKnow());

        assertThat(bot.answer(turn())).isEqualTo(BotReply.text("one"));
        assertThat(bot.answer(turn())).isEqualTo(BotReply.dontKnow());
        assertThat(bot.answer(turn())).isEqualTo(BotReply.silence());
        assertThat(bot.turns()).hasSize(3);
    }

    @Test
    void it_fails_when_it_was_told_to() {
        bot.fails(new IOException("the model is down"));

        assertThatThrownBy(() -> bot.answer(turn()))
                .isInstanceOf(IOException.class)
                .hasMessage("the model is down");
    }

    @Test
    void it_does_something_else_once_the_script_has_ended() throws Exception {
        bot.says("scripted").otherwise(turn -> BotReply.text("attempt " + turn.attempt()));

        bot.answer(turn());

        assertThat(bot.answer(turn())).isEqualTo(BotReply.text("attempt 1"));
    }

    @Test
    void a_turn_is_held_open_until_its_gate_is_opened() throws Exception {
        bot.says("late");
        CompletableFuture<BotReply> reply;
        try (Gate gate = bot.holdTurns()) {
            reply = CompletableFuture.supplyAsync(this::answer);
            gate.awaitHeld();
            assertThat(bot.turns()).hasSize(1);
            assertThat(reply).isNotDone();
        }

        assertThat(reply.get(10, TimeUnit.SECONDS)).isEqualTo(BotReply.text("late"));
    }

    private BotReply answer() {
        try {
            return bot.answer(turn());
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    private static BotTurn turn() {
        var conversation = Draft.opening(
                        new ConversationAddress("acme", "fake", "inbox:1", "customer:1"), ManualTime.START)
                .hears("hello")
                .done()
                .next();
        return new BotTurn(conversation, 1, List.of(), List.of(), () -> true);
    }
}
