package dev.handoff.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.model.MessageOwner;
import dev.handoff.store.CommitResult.Committed;
import dev.handoff.store.PermitRequest;
import dev.handoff.testkit.Draft;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatements;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whoever waits for a synchronous replica is not told of success before it has answered, whatever time-outs the host has
 * set: PostgreSQL calls a wait that is cancelled a success, and a failover loses what was done.
 */
class SynchronousReplicaTest {
    /** Longer than the time-outs. */
    private static final Duration A_WHILE = Duration.ofSeconds(4);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "queryTimeout=2",
                "options=-c%20statement_timeout=2000%20-c%20transaction_timeout=2000%20-c%20lock_timeout=2000"
            })
    void a_time_out_on_the_connection_does_not_end_the_wait_for_a_replica(String timeOut) throws Exception {
        String url = PostgresServers.jdbcUrl(PostgresServers.NEWEST);
        try (TestDatabase patient = TestDatabase.at(url).migrated();
                TestDatabase host = TestDatabase.at(url + (url.contains("?") ? "&" : "?") + timeOut)) {
            assertThatNothingIsToldBeforeTheReplicaAnswers(patient, host.store());
        }
    }

    @Test
    void nor_does_a_time_out_of_the_hosts_jdbi() throws Exception {
        String url = PostgresServers.jdbcUrl(PostgresServers.NEWEST);
        try (TestDatabase patient = TestDatabase.at(url).migrated();
                TestDatabase host = TestDatabase.at(url)) {
            host.jdbi().getConfig(SqlStatements.class).setQueryTimeout(2);
            assertThatNothingIsToldBeforeTheReplicaAnswers(patient, host.store());
        }
    }

    private static void assertThatNothingIsToldBeforeTheReplicaAnswers(
            TestDatabase patient, JdbiConversationStore store) throws Exception {
        Jdbi jdbi = patient.jdbi();
        Draft queued =
                Draft.opening(Samples.address("c1"), patient.store().now()).says(MessageOwner.BOT, "hi");
        patient.store().commit(List.of(queued.done()));
        Draft opening =
                Draft.opening(Samples.address("c2"), patient.store().now()).hears("hello");
        AtomicBoolean noticed = new AtomicBoolean();
        // The server has noticed that there is a replica to wait for as soon as something waits.
        Thread probe = new Thread(() -> {
            for (int i = 1; !noticed.get(); i++) {
                String table = "CREATE TABLE probe_" + i + " ()";
                jdbi.useTransaction(handle -> handle.execute(table));
            }
        });
        ExecutorService threads = Executors.newFixedThreadPool(2);
        waitForReplica(jdbi, "nobody");
        try {
            probe.start();
            await(() -> waiting(jdbi) == 1);
            noticed.set(true);
            var commit = CompletableFuture.supplyAsync(() -> store.commit(List.of(opening.done())), threads);
            var permits = CompletableFuture.supplyAsync(
                    () -> store.claimPermits(PermitRequest.upTo(1, Duration.ofMinutes(1))), threads);
            await(() -> waiting(jdbi) == 3);

            assertThatThrownBy(() ->
                            CompletableFuture.anyOf(commit, permits).get(A_WHILE.toMillis(), TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);

            waitForReplica(jdbi, "");
            assertThat(commit.get(60, TimeUnit.SECONDS)).singleElement().isInstanceOf(Committed.class);
            assertThat(permits.get(60, TimeUnit.SECONDS)).hasSize(1);
        } finally {
            noticed.set(true);
            waitForReplica(jdbi, "");
            probe.join();
            threads.shutdown();
        }
    }

    private static void waitForReplica(Jdbi jdbi, String name) {
        jdbi.useHandle(handle -> {
            handle.execute("ALTER SYSTEM SET synchronous_standby_names = '" + name + "'");
            handle.execute("SELECT pg_reload_conf()");
        });
    }

    private static long waiting(Jdbi jdbi) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT count(*) FROM pg_stat_activity"
                        + " WHERE wait_event = 'SyncRep' AND datname = current_database()")
                .mapTo(long.class)
                .one());
    }

    private static void await(BooleanSupplier condition) {
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(giveUp);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }
}
