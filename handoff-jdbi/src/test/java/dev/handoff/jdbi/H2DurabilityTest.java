package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.Conversation;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.testkit.Draft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class H2DurabilityTest {
    private static final int LIVES = 8;
    private static final int COMMITS_A_LIFE = 25;

    /** H2 reuses space after 45 seconds; at once, and a second's test sees what a day's work does to a file. */
    private static final String REUSE_AT_ONCE = ";RETENTION_TIME=0;DB_CLOSE_ON_EXIT=FALSE";

    /**
     * The file as it lies there when a commit is acknowledged is what a killed process leaves. Each life begins with such a
     * file, so that holes come to be where H2 leaves them.
     */
    @Test
    void I3_a_process_that_is_killed_after_a_commit_leaves_a_file_that_holds_it(@TempDir Path folder) throws Exception {
        long seed = Long.getLong("handoff.test.seed", System.nanoTime());
        System.out.println("H2DurabilityTest seed " + seed + " (-Dhandoff.test.seed=" + seed + ")");
        Random random = new Random(seed);
        Path file = folder.resolve("life0");
        for (int life = 1; life <= LIVES; life++) {
            Path next = folder.resolve("life" + life);
            try (Connection open = connection(file)) {
                Jdbi jdbi = Jdbi.create(open);
                JdbiSchema.of(jdbi).migrate();
                JdbiConversationStore store = JdbiConversationStore.on(jdbi);
                Conversation conversation = Samples.opened(store, "customer of life " + life);
                for (int i = 0; i < COMMITS_A_LIFE; i++) {
                    ChangeSet change = Draft.of(conversation, store.now())
                            .hears("?".repeat(random.nextInt(1600)))
                            .says(MessageOwner.BOT, "!".repeat(random.nextInt(1600)))
                            .done();
                    assertThat(store.commit(List.of(change)).get(0)).isInstanceOf(CommitResult.Committed.class);
                    conversation = change.next();
                    Files.copy(mvStore(file), mvStore(next), StandardCopyOption.REPLACE_EXISTING);
                    assertThat(versionIn(next, conversation))
                            .as("life %s, commit %s, seed %s", life, i, seed)
                            .isEqualTo(conversation.version());
                    if (random.nextInt(3) == 0) {
                        store.sequenceFeed(100);
                    }
                }
                Files.copy(mvStore(file), mvStore(next), StandardCopyOption.REPLACE_EXISTING);
            }
            file = next;
        }
    }

    @Test
    void a_file_that_writes_after_it_has_answered_is_warned_of(@TempDir Path folder) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:file:" + folder.resolve("late"))) {
            assertThat(H2Durability.doubts(connection))
                    .singleElement()
                    .asString()
                    .contains("500 ms", "WRITE_DELAY=0", folder.toString());
        }
    }

    @Test
    void a_durable_file_and_a_database_in_memory_raise_no_doubt(@TempDir Path folder) throws SQLException {
        try (Connection file = connection(folder.resolve("durable"));
                Connection memory = DriverManager.getConnection("jdbc:h2:mem:")) {
            assertThat(H2Durability.doubts(file)).isEmpty();
            assertThat(H2Durability.doubts(memory)).isEmpty();
        }
    }

    private static long versionIn(Path copy, Conversation conversation) throws SQLException, IOException {
        Path opened = copy.resolveSibling("opened");
        Files.copy(mvStore(copy), mvStore(opened), StandardCopyOption.REPLACE_EXISTING);
        try (Connection connection = connection(opened)) {
            return JdbiConversationStore.on(Jdbi.create(connection))
                    .conversation(conversation.id())
                    .map(Conversation::version)
                    .orElse(0L);
        }
    }

    private static Connection connection(Path file) throws SQLException {
        return DriverManager.getConnection(H2Url.durable("jdbc:h2:file:" + file) + REUSE_AT_ONCE);
    }

    private static Path mvStore(Path file) {
        return file.resolveSibling(file.getFileName() + ".mv.db");
    }
}
