package dev.handoff.memory;

import dev.handoff.store.ConversationStore;
import dev.handoff.testkit.ConversationStoreConcurrencyContract;

class InMemoryConversationStoreConcurrencyTest extends ConversationStoreConcurrencyContract {

    @Override
    protected ConversationStore newStore() {
        return new InMemoryConversationStore();
    }
}
