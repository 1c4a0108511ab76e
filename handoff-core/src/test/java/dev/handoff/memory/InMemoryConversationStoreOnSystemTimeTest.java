package dev.handoff.memory;

import dev.handoff.store.ConversationStore;
import dev.handoff.testkit.ConversationStoreContract;

class InMemoryConversationStoreOnSystemTimeTest extends ConversationStoreContract {

    @Override
    protected ConversationStore newStore() {
        return new InMemoryConversationStore();
    }
}
