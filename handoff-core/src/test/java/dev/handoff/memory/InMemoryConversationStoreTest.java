package dev.handoff.memory;

import dev.handoff.store.ConversationStore;
import dev.handoff.testing.ManualTime;
import dev.handoff.testkit.ConversationStoreContract;
import java.time.Duration;

class InMemoryConversationStoreTest extends ConversationStoreContract {
    private final ManualTime time = new ManualTime();

    @Override
    protected ConversationStore newStore() {
        return new InMemoryConversationStore(time);
    }

    @Override
    public void letPass(Duration by) {
        time.advance(by);
    }
}
