package dev.handoff.testing;

import dev.handoff.bot.Bot;
import dev.handoff.bot.BotReply;
import dev.handoff.bot.BotTurn;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * A bot that says what it was told to say: each scripted answer once, in order; when the script has ended it has nothing
 * to say, or does as {@link #otherwise} was told. It records its turns.
 *
 * <p>Thread-safe: one lock guards the records and the script; it is not held while a {@link Gate} holds a turn.
 */
public final class ScriptedBot implements Bot {
    private final Object lock = new Object();
    private final Queue<Bot> script = new ArrayDeque<>();
    private final List<BotTurn> turns = new ArrayList<>();
    private Bot otherwise = turn -> BotReply.silence();
    private Gate gate = Gate.opened();

    /** The next turn not yet scripted gets this text. */
    public ScriptedBot says(String text) {
        return replies(BotReply.text(text));
    }

    /** The next turn not yet scripted gets this reply. */
    public ScriptedBot replies(BotReply reply) {
        return script(turn -> reply);
    }

    /** The next turn not yet scripted fails. */
    public ScriptedBot fails(Exception failure) {
        return script(turn -> {
            throw failure;
        });
    }

    /** What answers once the script has ended, for example {@code turn -> BotReply.text("echo: " + turn.text())}. */
    public ScriptedBot otherwise(Bot bot) {
        synchronized (lock) {
            otherwise = bot;
        }
        return this;
    }

    /** Holds every turn that begins from now on, until the gate is opened. */
    public Gate holdTurns() {
        synchronized (lock) {
            gate = new Gate();
            return gate;
        }
    }

    /** All turns, in the order in which they began. */
    public List<BotTurn> turns() {
        synchronized (lock) {
            return List.copyOf(turns);
        }
    }

    @Override
    public BotReply answer(BotTurn turn) throws Exception {
        Gate present;
        Bot answering;
        synchronized (lock) {
            turns.add(turn);
            present = gate;
            answering = script.isEmpty() ? otherwise : script.remove();
        }
        present.pass();
        return answering.answer(turn);
    }

    private ScriptedBot script(Bot answer) {
        synchronized (lock) {
            script.add(answer);
        }
        return this;
    }
}
