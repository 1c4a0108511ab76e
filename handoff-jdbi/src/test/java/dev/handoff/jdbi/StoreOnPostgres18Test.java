package dev.handoff.jdbi;

import dev.handoff.store.ConversationStore;
import dev.handoff.testkit.ConversationStoreConcurrencyContract;
import dev.handoff.testkit.ConversationStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The store keeps its promises on PostgreSQL 18. */
class StoreOnPostgres18Test {
    private static TestDatabase database;

    @BeforeAll
    static void open() {
        database = TestDatabase.postgres(18).migrated();
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
