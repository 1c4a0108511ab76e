package dev.handoff.jdbi;

import dev.handoff.simulation.SimulationContract;
import dev.handoff.store.ConversationStore;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The engine on the JDBI store, on H2, whose time is the process's and so can be given. */
class SimulationOnH2Test extends SimulationContract {
    private static TestDatabase database;

    @BeforeAll
    static void open() {
        database = TestDatabase.h2InMemory().migrated();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @Override
    protected ConversationStore newStore(InstantSource time) {
        database.emptyStore();
        return JdbiConversationStore.builder(database.jdbi()).clock(time).build();
    }

    @Override
    protected int histories() {
        return 200;
    }

    @Override
    protected int sideBySide() {
        return 1;
    }
}
