package dev.handoff.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.machine.Command;
import dev.handoff.store.SenderId;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** More waits to be sent than can be sent in time. */
class BacklogWatchTest {
    private static final SenderId INBOX = new SenderId("acme", "fake", "inbox");

    /** At one message in three hours, four take half of a day. */
    private static final OutboundSettings SLOW = OutboundSettings.defaults().pace(1.0 / (3 * 3_600), 10);

    private final Rig rig = new Rig();
    private final BacklogWatch watch = new BacklogWatch(rig.store, SLOW);

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void an_inbox_is_told_of_while_half_of_the_time_is_left() throws Exception {
        for (int i = 0; i < 4; i++) {
            queue("customer" + i);
        }
        assertThat(watch.look()).isEmpty();

        queue("one more");

        assertThat(watch.look()).containsExactly(INBOX);
        for (CountDownLatch ended : rig.sender(SLOW).begin(() -> {})) {
            ended.await();
        }
        assertThat(watch.look()).as("one was sent").isEmpty();
    }

    private void queue(String customer) {
        rig.does(rig.hears(customer, "oi"), new Command.BotReplies(1, 1, BotReply.text("olá")));
    }
}
