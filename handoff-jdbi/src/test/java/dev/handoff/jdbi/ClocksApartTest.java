package dev.handoff.jdbi;

import dev.handoff.store.ConversationStore;
import dev.handoff.testkit.ConversationStoreContract;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** On PostgreSQL all time is the database's: a process whose own clock is wrong keeps every promise. */
class ClocksApartTest {
    private static TestDatabase database;

    @BeforeAll
    static void open() {
        database = TestDatabase.postgres(PostgresServers.NEWEST).migrated();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @Nested
    class ADayBehind extends ConversationStoreContract {
        @Override
        protected ConversationStore newStore() {
            database.emptyStore();
            return JdbiConversationStore.builder(database.jdbi())
                    .clock(Clock.offset(Clock.systemUTC(), Duration.ofDays(-1)))
                    .build();
        }
    }
}
