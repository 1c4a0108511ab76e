package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Message;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.Lookup;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.PermitRequest;
import dev.handoff.testkit.Draft;
import java.lang.Thread.UncaughtExceptionHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An H2 file whose process is killed at any of its writes, while many threads are at work. What is told as committed is
 * there afterwards, once, and every transaction sees the same.
 */
class H2CutOffTest {
    private static final int LIVES = Integer.getInteger("handoff.test.cuts", 60);
    private static final int CUSTOMERS = 6;

    /** Whoever is killed never tidies up, and the file grows. */
    private static final int LIVES_OF_A_FILE = 50;

    private static final int MOST_WRITES = 90;

    /** As many as were open at once in the life before: what one of those left half done hides from its namesakes. */
    private static final int ONLOOKERS = 2 * CUSTOMERS;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    private final @Nullable UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();

    @BeforeAll
    static void register() {
        CutOffFile.register();
    }

    /** H2's own threads have nobody to tell that the file is cut off. */
    @BeforeEach
    void expectNoWordFromH2() {
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            if (!thread.getName().startsWith("H2-")) {
                failure.printStackTrace();
            }
        });
    }

    @AfterEach
    void end() throws InterruptedException {
        CutOffFile.cutAfter(0);
        threads.shutdownNow();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        CutOffFile.cutAfter(Long.MAX_VALUE);
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    @Test
    @Timeout(value = 7200, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void I3_a_process_that_is_killed_at_any_write_leaves_a_file_that_holds_whole_transactions(@TempDir Path folder)
            throws Exception {
        long seed = Long.getLong("handoff.test.seed", System.nanoTime());
        System.out.println("H2CutOffTest seed " + seed + " (-Dhandoff.test.seed=" + seed + ")");
        Random random = new Random(seed);
        long commits = 0;
        List<Conversation> acknowledged = List.of();
        for (int life = 0; life < LIVES; life++) {
            Path file = folder.resolve("life" + life);
            CutOffFile.cutAfter(Long.MAX_VALUE);
            if (life % LIVES_OF_A_FILE == 0) {
                Files.deleteIfExists(mvStore(file));
                acknowledged = born(file);
            }
            commits -= commits(acknowledged);
            acknowledged = live(file, acknowledged, random.nextInt(MOST_WRITES), life + " of seed " + seed);
            commits += commits(acknowledged);
            // Another file: H2 may hold the lock of this one for a while.
            Files.copy(mvStore(file), mvStore(folder.resolve("life" + (life + 1))));
            Files.delete(mvStore(file));
        }
        assertThat(commits).isPositive();
        System.out.println("H2CutOffTest: " + LIVES + " kills, " + commits + " commits acknowledged, none lost");
    }

    private static long commits(List<Conversation> conversations) {
        return conversations.stream().mapToLong(Conversation::version).sum();
    }

    private static List<Conversation> born(Path file) throws SQLException {
        try (Connection open = connection(file)) {
            JdbiSchema.of(Jdbi.create(open)).migrate();
            JdbiConversationStore store = JdbiConversationStore.on(Jdbi.create(open));
            List<Conversation> customers = new ArrayList<>();
            for (int i = 0; i < CUSTOMERS; i++) {
                customers.add(Samples.opened(store, "c" + i));
            }
            return customers;
        }
    }

    /** Looks at what the last life has left, and works on until nothing more is written. */
    private List<Conversation> live(Path file, List<Conversation> known, int writes, String life) throws Exception {
        Connection open = connection(file);
        try {
            JdbiConversationStore store = JdbiConversationStore.builder(Jdbi.create(url(file)))
                    .lockTimeout(Duration.ofMinutes(1))
                    .build();
            List<Conversation> found = new ArrayList<>();
            for (Conversation conversation : known) {
                found.add(assertThatAllIsThere(store, conversation, life));
            }
            assertThatEveryTransactionSeesTheSame(file, life);

            CutOffFile.cutAfter(writes);
            List<Future<Conversation>> customers = new ArrayList<>();
            for (Conversation conversation : found) {
                customers.add(threads.submit(() -> untilCut(store, conversation)));
            }
            List<Future<?>> workers =
                    List.of(threads.submit(() -> work(store)), threads.submit(() -> read(store, found)));
            List<Conversation> acknowledged = new ArrayList<>();
            for (Future<Conversation> customer : customers) {
                acknowledged.add(customer.get());
            }
            for (Future<?> worker : workers) {
                worker.get();
            }
            return acknowledged;
        } finally {
            try {
                open.close();
            } catch (SQLException cutOff) {
                // It says so when it is closed, too.
            }
        }
    }

    /** What was not acknowledged may be there, too: the kill came between COMMIT and answer. */
    private static Conversation assertThatAllIsThere(
            JdbiConversationStore store, Conversation acknowledged, String life) {
        ConversationId id = acknowledged.id();
        Conversation found = store.conversation(id).orElseThrow();
        assertThat(found.version())
                .as("version of %s in life %s", id, life)
                .isBetween(acknowledged.version(), acknowledged.version() + 1);
        assertThat(store.snapshots(List.of(new Lookup.ByAddress(acknowledged.address(), null)))
                        .get(0)
                        .conversation())
                .as("by its address, in life %s", life)
                .isEqualTo(found);
        assertThat(store.messages(id, Math.max(0, found.lastSeq() - 100), 1000))
                .as("the latest messages of %s in life %s", id, life)
                .extracting(Message::id)
                .doesNotHaveDuplicates()
                .hasSize((int) Math.min(100, found.lastSeq()));
        return found;
    }

    private static void assertThatEveryTransactionSeesTheSame(Path file, String life) throws SQLException {
        List<Connection> onlookers = new ArrayList<>();
        try {
            for (int i = 0; i < ONLOOKERS; i++) {
                Connection onlooker = DriverManager.getConnection(url(file));
                onlookers.add(onlooker);
                onlooker.setAutoCommit(false);
                try (var statement = onlooker.createStatement()) {
                    statement.execute("INSERT INTO handoff_agent (tenant, id, role, availability, load)"
                            + " VALUES ('onlookers', '" + i + "', 'AGENT', 'AWAY', 0)");
                    for (String index : List.of("open_key > ''", "address_key > ''", "updated_at > '2020-01-01'")) {
                        try (var rows = statement.executeQuery("SELECT count(*) FROM handoff_conversation"
                                + " WHERE tenant = '" + Samples.TENANT + "' AND " + index)) {
                            rows.next();
                            assertThat(rows.getInt(1))
                                    .as("what transaction %s sees by %s in life %s", i, index, life)
                                    .isEqualTo(CUSTOMERS);
                        }
                    }
                }
            }
        } finally {
            for (Connection onlooker : onlookers) {
                // With what was not committed.
                onlooker.close();
            }
        }
    }

    /** A customer writes and the bot answers, until the file is cut off. What was acknowledged before. */
    private static Conversation untilCut(JdbiConversationStore store, Conversation conversation) {
        Conversation acknowledged = conversation;
        try {
            while (true) {
                ChangeSet change = Draft.of(acknowledged, store.now())
                        .hears("?".repeat((int) (acknowledged.version() * 37 % 700)))
                        .says(MessageOwner.BOT, "!")
                        .done();
                CommitResult result = store.commitPatiently(change);
                if (CutOffFile.isCut()) {
                    // By now the process is dead, and tells nobody.
                    return acknowledged;
                }
                assertThat(result).isInstanceOf(CommitResult.Committed.class);
                acknowledged = change.next();
            }
        } catch (RuntimeException | AssertionError failure) {
            // H2's own assertions do not hold either, once it cannot write.
            if (!CutOffFile.isCut()) {
                throw failure;
            }
            return acknowledged;
        }
    }

    private static void work(JdbiConversationStore store) {
        untilCut(() -> {
            store.claimBotTurns(CUSTOMERS, Duration.ofMillis(1));
            store.recordResults(store.claimPermits(PermitRequest.upTo(CUSTOMERS, Duration.ofMinutes(1))).stream()
                    .map(OutboundPermit::message)
                    .map(message -> new AttemptResult(
                            message.id(), message.attemptToken(), new AttemptResult.Verdict.Sent("SM" + message.id())))
                    .toList());
            store.sequenceFeed(20);
        });
    }

    /** What is longer than a few hundred characters stands outside its row, and to read it H2 makes notes in the file. */
    private static void read(JdbiConversationStore store, List<Conversation> conversations) {
        untilCut(() -> conversations.forEach(one -> store.messages(one.id(), 0, 1000)));
    }

    private static void untilCut(Runnable work) {
        try {
            while (!CutOffFile.isCut()) {
                work.run();
            }
        } catch (RuntimeException | AssertionError failure) {
            if (!CutOffFile.isCut()) {
                throw failure;
            }
        }
    }

    private static Connection connection(Path file) throws SQLException {
        return DriverManager.getConnection(url(file));
    }

    private static String url(Path file) {
        return H2Url.durable("jdbc:h2:file:cut:" + file) + ";DB_CLOSE_ON_EXIT=FALSE;CACHE_SIZE=2048";
    }

    private static Path mvStore(Path file) {
        return file.resolveSibling(file.getFileName() + ".mv.db");
    }
}
