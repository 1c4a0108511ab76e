package dev.handoff.runner;

import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.runner.storage.Storage;
import dev.handoff.store.ConversationStore;

/** Keeps everything in this process and forgets it at its end. */
final class MemoryStorage implements Storage {
    private final ConversationStore store = new InMemoryConversationStore();

    @Override
    public ConversationStore store() {
        return store;
    }

    @Override
    public void prepare() {}

    @Override
    public boolean answers() {
        return true;
    }

    @Override
    public void close() {}
}
