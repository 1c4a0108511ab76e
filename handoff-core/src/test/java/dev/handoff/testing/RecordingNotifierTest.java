package dev.handoff.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.ConversationAddress;
import dev.handoff.model.EventType;
import dev.handoff.store.ChangeSet;
import dev.handoff.testkit.Draft;
import org.junit.jupiter.api.Test;

class RecordingNotifierTest {

    @Test
    void it_remembers_what_it_was_told_in_order() {
        ChangeSet change = Draft.opening(
                        new ConversationAddress("acme", "fake", "inbox:1", "customer:1"), ManualTime.START)
                .hears("hello")
                .done();
        RecordingNotifier notifier = new RecordingNotifier();

        notifier.committed(change.next(), change.events());

        assertThat(notifier.told()).containsExactly(new RecordingNotifier.Told(change.next(), change.events()));
        assertThat(notifier.types()).containsExactly(EventType.CONVERSATION_OPENED, EventType.NEW_MESSAGE);
    }
}
