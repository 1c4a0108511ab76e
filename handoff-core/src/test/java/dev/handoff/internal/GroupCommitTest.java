package dev.handoff.internal;

import static dev.handoff.internal.TroubledStore.down;
import static dev.handoff.internal.TroubledStore.listOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.channel.InboundMessage;
import dev.handoff.machine.Command;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Message;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many callers, few commits: nothing lost, nothing twice, and nobody pays for a neighbour. */
class GroupCommitTest {
    private final Queue<Integer> sizes = new ConcurrentLinkedQueue<>();
    private final CountDownLatch firstCommit = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @Test
    void an_idle_library_commits_at_once_and_alone() {
        try (Rig rig = new Rig(this::counting)) {
            rig.hears("maria", "oi");
            rig.hears("maria", "tudo bem?");
        }
        assertThat(sizes).containsExactly(1, 1);
    }

    @Test
    void what_arrives_while_a_commit_runs_shares_the_next_ones_and_the_lead_is_handed_on() throws Exception {
        try (Rig rig = new Rig(this::holdingTheFirst)) {
            List<Thread> callers = callers(rig, 41);
            goOn.countDown();
            join(callers);

            assertThat(sizes).containsExactly(1, 32, 8);
            assertThat(rig.memory.conversations(all()).items()).hasSize(41);
        }
    }

    @Test
    void two_messages_of_one_new_customer_in_one_group_open_one_conversation() throws Exception {
        try (Rig rig = new Rig(this::holdingTheFirst)) {
            Thread leader = thread("leader", () -> rig.hears("joão", "oi"));
            firstCommit.await();
            List<Thread> callers = new ArrayList<>(List.of(leader));
            for (int i = 0; i < 6; i++) {
                callers.add(thread("caller-" + i, () -> rig.hears("maria", "oi")));
            }
            callers.subList(1, callers.size()).forEach(Eventually::isParkedForMoreThanALock);
            goOn.countDown();
            join(callers);

            assertThat(rig.memory.conversations(all()).items()).hasSize(2);
            ConversationId maria = rig.hears("maria", "e aí?");
            assertThat(rig.messages(maria))
                    .extracting(message -> message.id().seq())
                    .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
        }
    }

    @Test
    void what_somebody_else_holds_locked_is_waited_for_by_its_own_caller_alone() throws Exception {
        CountDownLatch unlocked = new CountDownLatch(1);
        TroubledStore.Trouble locked = (method, arguments, real) -> {
            if (method.equals("commitPatiently")) {
                unlocked.await();
            }
            if (method.equals("commit") && isOf(arguments[0], "maria")) {
                return List.of(new CommitResult.Busy());
            }
            return counting(method, arguments, real);
        };
        try (Rig rig = new Rig(locked)) {
            Thread waiting = thread("waiting", () -> rig.hears("maria", "oi"));
            Eventually.isParkedForMoreThanALock(waiting);
            rig.hears("joão", "oi");
            assertThat(rig.memory.conversations(all()).items()).hasSize(1);

            unlocked.countDown();
            waiting.join();
            assertThat(rig.memory.conversations(all()).items()).hasSize(2);
        }
    }

    private static boolean isOf(Object changes, String customer) {
        return TroubledStore.<ChangeSet>listOf(changes)
                .get(0)
                .next()
                .address()
                .customer()
                .equals(customer);
    }

    @Test
    void a_member_that_breaks_the_commit_fails_alone() throws Exception {
        TroubledStore.Trouble poisoned = (method, arguments, real) -> {
            if (method.equals("commit")
                    && TroubledStore.<ChangeSet>listOf(arguments[0]).stream()
                            .flatMap(change -> change.messages().stream())
                            .anyMatch(
                                    message -> "poison".equals(message.content().text()))) {
                throw new IllegalArgumentException("no such character");
            }
            return holdingTheFirst(method, arguments, real);
        };
        try (Rig rig = new Rig(poisoned)) {
            AtomicReference<Throwable> told = new AtomicReference<>();
            List<Thread> callers = callers(rig, 6);
            Thread poisoner = thread("poisoner", () -> {
                try {
                    rig.hears("eve", "poison");
                } catch (RuntimeException failure) {
                    told.set(failure);
                }
            });
            Eventually.isParkedForMoreThanALock(poisoner);
            goOn.countDown();
            join(callers);
            poisoner.join();

            assertThat(told.get()).isInstanceOf(IllegalArgumentException.class).hasMessage("no such character");
            assertThat(rig.memory.conversations(all()).items()).hasSize(6);
        }
    }

    @Test
    void I11_a_command_without_a_name_is_carried_out_once_though_the_answer_to_its_commit_is_lost() {
        AtomicBoolean blink = new AtomicBoolean();
        try (Rig rig = new Rig(TroubledStore.losingTheAnswerToACommit(blink))) {
            ConversationId maria = rig.hears("maria", "oi");
            rig.does(maria, new Command.TakeOver(Rig.ANA));

            blink.set(true);
            rig.does(maria, new Command.AgentReplies(Rig.ANA.asActor(), Content.text("olá")));

            assertThat(blink).isFalse();
            assertThat(rig.messages(maria))
                    .extracting(message -> message.content().text())
                    .containsExactly("oi", "olá");
        }
    }

    @Test
    void an_error_reaches_its_group_and_the_next_caller_leads() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        try (Rig rig = new Rig((method, arguments, real) -> {
            if (method.equals("commit") && broken.getAndSet(false)) {
                throw new LinkageError("half deployed");
            }
            return real.answer(arguments);
        })) {
            assertThatThrownBy(() -> rig.hears("maria", "oi")).isInstanceOf(LinkageError.class);
            assertThat(rig.messages(rig.hears("maria", "oi"))).hasSize(1);
        }
    }

    @Test
    void an_interrupted_caller_gets_its_answer_and_keeps_its_interrupt() throws Exception {
        try (Rig rig = new Rig(this::holdingTheFirst)) {
            AtomicBoolean kept = new AtomicBoolean();
            Thread leader = thread("leader", () -> rig.hears("joão", "oi"));
            firstCommit.await();
            Thread waiting = thread("waiting", () -> {
                rig.hears("maria", "oi");
                kept.set(Thread.currentThread().isInterrupted());
            });
            Eventually.isParkedForMoreThanALock(waiting);
            waiting.interrupt();
            goOn.countDown();
            join(List.of(leader, waiting));

            assertThat(kept).isTrue();
            assertThat(rig.memory.conversations(all()).items()).hasSize(2);
        }
    }

    @ParameterizedTest(name = "{0} the commit")
    @ValueSource(strings = {"before", "after"})
    void I3_a_store_that_blinks_once_costs_its_caller_nothing_and_stores_once(String when) {
        AtomicBoolean blink = new AtomicBoolean(true);
        try (Rig rig = new Rig((method, arguments, real) -> {
            if (!method.equals("commit") || !blink.getAndSet(false)) {
                return real.answer(arguments);
            }
            if (when.equals("after")) {
                real.answer(arguments);
            }
            throw down();
        })) {
            ConversationId maria = rig.hears("maria", "oi");
            assertThat(rig.messages(maria)).hasSize(1);
        }
    }

    @Test
    void a_store_that_stays_down_is_the_callers_to_know_and_works_again_once_it_is_up() {
        AtomicInteger failures = new AtomicInteger(2);
        try (Rig rig = new Rig((method, arguments, real) -> {
            if (failures.getAndDecrement() > 0) {
                throw down();
            }
            return real.answer(arguments);
        })) {
            InboundMessage message = rig.from("maria", "oi");
            assertThatThrownBy(() -> rig.receiver.receive(message)).isInstanceOf(StoreUnavailableException.class);
            assertThat(rig.receiver.receive(message).conversation()).isNotNull();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 20_300_115})
    void I3_whatever_the_store_does_a_message_that_was_acknowledged_is_stored_once(long seed) throws Exception {
        Random random = new Random(seed);
        try (Rig rig = new Rig((method, arguments, real) -> trouble(method, arguments, real, random))) {
            int callers = 8;
            int each = 60;
            ExecutorService pool = Executors.newFixedThreadPool(callers);
            List<Future<Integer>> told = new ArrayList<>();
            for (int c = 0; c < callers; c++) {
                int caller = c;
                told.add(pool.submit(() -> deliver(rig, caller, each)));
            }
            int outages = 0;
            for (Future<Integer> one : told) {
                outages += one.get(60, TimeUnit.SECONDS);
            }
            pool.shutdown();

            List<Message> stored = rig.memory.conversations(all()).items().stream()
                    .flatMap(conversation -> rig.messages(conversation.id()).stream())
                    .toList();
            assertThat(stored).hasSize(callers * each);
            assertThat(stored).extracting(Message::providerMessageId).doesNotHaveDuplicates();
            assertThat(rig.memory.conversations(all()).items())
                    .allSatisfy(conversation ->
                            assertThat(rig.messages(conversation.id())).hasSize((int) conversation.lastSeq()));
            assertThat(outages).as("the trouble was real (seed %d)", seed).isPositive();
        }
    }

    /** As a provider does: delivers again until it is told that it was stored. Returns how often it was not. */
    private static int deliver(Rig rig, int caller, int each) {
        int outages = 0;
        for (int i = 0; i < each; i++) {
            InboundMessage message = rig.from("customer-" + (caller * 31 + i) % 20, "oi " + i);
            boolean stored = false;
            while (!stored) {
                try {
                    rig.receiver.receive(message);
                    stored = true;
                } catch (StoreUnavailableException again) {
                    outages++;
                }
            }
        }
        return outages;
    }

    /** Conflicts for some members that were not even tried, and connections lost before and after the commit. */
    private static Object trouble(String method, Object[] arguments, TroubledStore.Real real, Random random)
            throws Throwable {
        if (!method.equals("commit")) {
            return real.answer(arguments);
        }
        int dice;
        synchronized (random) {
            dice = random.nextInt(6);
        }
        if (dice == 0) {
            throw down();
        }
        if (dice == 1) {
            real.answer(arguments);
            throw down();
        }
        if (dice == 2) {
            List<ChangeSet> changes = listOf(arguments[0]);
            List<CommitResult> results = new ArrayList<>();
            for (int i = 0; i < changes.size(); i++) {
                results.add(
                        i % 2 == 0
                                ? new CommitResult.Conflict()
                                : TroubledStore.<CommitResult>listOf(real.answer(List.of(changes.get(i))))
                                        .get(0));
            }
            return results;
        }
        return real.answer(arguments);
    }

    private Object counting(String method, Object[] arguments, TroubledStore.Real real) throws Throwable {
        if (method.equals("commit")) {
            sizes.add(listOf(arguments[0]).size());
        }
        return real.answer(arguments);
    }

    private Object holdingTheFirst(String method, Object[] arguments, TroubledStore.Real real) throws Throwable {
        if (method.equals("commit") && firstCommit.getCount() > 0) {
            firstCommit.countDown();
            goOn.await();
        }
        return counting(method, arguments, real);
    }

    /** The first leads and is held in its commit; the others wait for theirs. */
    private List<Thread> callers(Rig rig, int count) throws InterruptedException {
        List<Thread> callers = new ArrayList<>();
        callers.add(thread("leader", () -> rig.hears("customer-0", "oi")));
        firstCommit.await();
        for (int i = 1; i < count; i++) {
            String customer = "customer-" + i;
            callers.add(thread(customer, () -> rig.hears(customer, "oi")));
        }
        callers.subList(1, count).forEach(Eventually::isParkedForMoreThanALock);
        return callers;
    }

    private static Thread thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.start();
        return thread;
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(15_000);
            assertThat(thread.isAlive()).as(thread.getName() + " was answered").isFalse();
        }
    }

    private static dev.handoff.store.History.Query all() {
        return new dev.handoff.store.History.Query("acme", null, null, null, null, 1000, null);
    }
}
