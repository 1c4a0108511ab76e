package dev.handoff.runner.bot;

import dev.handoff.bot.Bot;
import dev.handoff.bot.BotReply;
import dev.handoff.bot.BotTurn;
import java.time.Duration;

/** The demo bot: says what it heard, after having thought for a while. Handing over is left to the policy. */
public final class EchoBot implements Bot {
    private final Duration thinks;

    /**
     * @param thinks how long each answer takes; the thread sleeps, so it can be interrupted
     */
    public EchoBot(Duration thinks) {
        this.thinks = thinks;
    }

    @Override
    public BotReply answer(BotTurn turn) throws InterruptedException {
        if (!thinks.isZero()) {
            Thread.sleep(thinks.toMillis());
        }
        String said = turn.text();
        if (!said.isEmpty()) {
            return BotReply.text("echo: " + said);
        }
        int files = turn.unanswered().stream()
                .mapToInt(message -> message.content().media().size())
                .sum();
        return BotReply.text(files == 0 ? "echo: (no text)" : "echo: (" + files + (files == 1 ? " file)" : " files)"));
    }
}
