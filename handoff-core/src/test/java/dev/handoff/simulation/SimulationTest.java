package dev.handoff.simulation;

import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.store.ConversationStore;
import java.time.InstantSource;

/** The engine on the store in memory. */
class SimulationTest extends SimulationContract {
    @Override
    protected ConversationStore newStore(InstantSource time) {
        return new InMemoryConversationStore(time);
    }

    @Override
    protected int histories() {
        return 20_000;
    }

    @Override
    protected int sideBySide() {
        return Runtime.getRuntime().availableProcessors();
    }
}
