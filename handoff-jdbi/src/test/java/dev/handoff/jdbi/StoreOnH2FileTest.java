package dev.handoff.jdbi;

import dev.handoff.store.ConversationStore;
import dev.handoff.testkit.ConversationStoreConcurrencyContract;
import dev.handoff.testkit.ConversationStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The store keeps its promises on an H2 file. */
class StoreOnH2FileTest {
    private static TestDatabase database;

    @BeforeAll
    static void open(@TempDir Path folder) {
        database = TestDatabase.h2File(folder).migrated();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @Nested
    class Alone extends ConversationStoreContract {
        @Override
        protected ConversationStore newStore() {
            return database.emptyStore();
        }
    }

    @Nested
    class ByMany extends ConversationStoreConcurrencyContract {
        @Override
        protected ConversationStore newStore() {
            return database.emptyStore();
        }
    }
}
