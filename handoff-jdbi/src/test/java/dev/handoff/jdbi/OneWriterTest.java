package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.model.Conversation;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.StoreUnavailableException;
import dev.handoff.testkit.Draft;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On an H2 file, transactions of a store take turns; see {@link OneWriter} for what happens to the file otherwise. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OneWriterTest {

    @Test
    void I3_nobody_writes_to_an_h2_file_while_a_transaction_of_the_store_is_open(@TempDir Path folder) {
        try (TestDatabase database = TestDatabase.h2File(folder).migrated()) {
            JdbiConversationStore store = JdbiConversationStore.builder(database.jdbi())
                    .lockTimeout(Duration.ofMinutes(1))
                    .build();
            AtomicReference<Other> writer = new AtomicReference<>();

            inATransactionOf(store, open -> {
                Other begun = Other.begin(() -> store.register(Samples.agent("ana", 3)));
                writer.set(begun);
                begun.awaitThatItWaitsForItsTurnOrEnds();

                assertThat(begun.thread().isAlive()).as("waits for its turn").isTrue();
                assertThat(agents(database.jdbi())).isZero();
            });

            writer.get().end();
            assertThat(agents(database.jdbi())).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_reader_waits_for_nobody(boolean file, @TempDir Path folder) {
        try (TestDatabase database = (file ? TestDatabase.h2File(folder) : TestDatabase.h2InMemory()).migrated()) {
            JdbiConversationStore store = database.store();

            inATransactionOf(
                    store,
                    open -> Other.begin(() -> store.messages(open.id(), 0, 10)).end());
        }
    }

    @Test
    void in_memory_where_nothing_outlives_the_process_transactions_go_side_by_side() {
        try (TestDatabase database = TestDatabase.h2InMemory().migrated()) {
            JdbiConversationStore store = database.store();

            inATransactionOf(store, open -> {
                Other.begin(() -> store.register(Samples.agent("ana", 3))).end();

                assertThat(agents(database.jdbi())).isEqualTo(1);
            });
        }
    }

    @Test
    void a_turn_that_does_not_come_is_told_as_a_store_that_is_not_available(@TempDir Path folder) {
        try (TestDatabase database = TestDatabase.h2File(folder).migrated()) {
            JdbiConversationStore store = JdbiConversationStore.builder(database.jdbi())
                    .lockTimeout(Duration.ofMillis(20))
                    .build();

            inATransactionOf(store, open -> {
                Other writer = Other.begin(() -> store.register(Samples.agent("ana", 3)));

                assertThatThrownBy(writer::end)
                        .isInstanceOf(StoreUnavailableException.class)
                        .hasMessageContaining("no turn to write to the H2 file came within PT0.02S");
            });

            store.register(Samples.agent("ana", 3));
            assertThat(agents(database.jdbi())).isEqualTo(1);
        }
    }

    /** The file would be closed under everybody's hands, if a thread went on to it with its interrupt. */
    @Test
    void an_interrupt_ends_the_wait_and_is_kept() {
        OneWriter oneWriter = new OneWriter(Duration.ofMinutes(1));
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> oneWriter.alone(() -> "written"))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(oneWriter.alone(() -> "written")).isEqualTo("written");
    }

    /** The sweeper decides inside its transaction, which the test uses to look around while it is open. */
    private static void inATransactionOf(JdbiConversationStore store, Consumer<Conversation> meanwhile) {
        ChangeSet due = Draft.opening(Samples.address("c1"), store.now())
                .hears("hello")
                .dueAt(store.now())
                .done();
        store.commit(List.of(due));
        AtomicReference<Throwable> failure = new AtomicReference<>(new AssertionError("nothing was due"));
        store.sweep(1, snapshot -> {
            failure.set(null);
            try {
                meanwhile.accept(due.next());
            } catch (AssertionError | RuntimeException failed) {
                failure.set(failed);
            }
            return Optional.empty();
        });
        assertThat(failure.get()).isNull();
    }

    /** What is asked of the store by somebody else meanwhile. */
    private record Other(Thread thread, FutureTask<?> work) {
        static Other begin(Runnable work) {
            FutureTask<?> task = new FutureTask<>(work, null);
            Other other = new Other(new Thread(task, "other"), task);
            other.thread.start();
            return other;
        }

        void awaitThatItWaitsForItsTurnOrEnds() {
            while (thread.isAlive()
                    && (thread.getState() != Thread.State.TIMED_WAITING
                            || Arrays.stream(thread.getStackTrace())
                                    .noneMatch(frame -> frame.getMethodName().equals("awaitTurn")))) {
                Thread.onSpinWait();
            }
        }

        void end() {
            try {
                work.get(60, TimeUnit.SECONDS);
            } catch (ExecutionException failure) {
                if (failure.getCause() instanceof RuntimeException told) {
                    throw told;
                }
                throw new AssertionError(failure);
            } catch (InterruptedException | TimeoutException failure) {
                throw new AssertionError(failure);
            }
        }
    }

    private static int agents(Jdbi jdbi) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT count(*) FROM handoff_agent")
                .mapTo(Integer.class)
                .one());
    }
}
