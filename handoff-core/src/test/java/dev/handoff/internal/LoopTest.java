package dev.handoff.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The library's threads: woken, never stopped by a failure, and closed in order. */
class LoopTest {
    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration SOON = Duration.ofMillis(5);

    private final Semaphore steps = new Semaphore(0);
    private Loop loop = new Loop("unused", NEVER, () -> false);

    @AfterEach
    void stop() throws InterruptedException {
        loop.stop();
        loop.join(Duration.ofSeconds(10));
    }

    @Test
    void it_steps_when_woken_and_else_waits() throws Exception {
        started(NEVER, () -> {
            steps.release();
            return false;
        });
        loop.wake();
        assertStep();
        assertThat(steps.tryAcquire()).isFalse();
    }

    @Test
    void it_steps_by_itself_after_its_interval() throws Exception {
        started(SOON, () -> {
            steps.release();
            return false;
        });
        assertStep();
        assertStep();
    }

    @Test
    void it_goes_on_at_once_while_there_is_more() throws Exception {
        AtomicInteger left = new AtomicInteger(5);
        started(NEVER, () -> {
            steps.release();
            return left.decrementAndGet() > 0;
        });
        loop.wake();
        assertThat(steps.tryAcquire(5, 10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_wake_up_during_a_step_is_not_lost() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        started(NEVER, () -> {
            inside.countDown();
            goOn.await();
            steps.release();
            return false;
        });
        loop.wake();
        inside.await();
        loop.wake();
        goOn.countDown();
        assertStep();
        assertStep();
    }

    @Test
    void neither_an_exception_nor_an_error_ends_it() throws Exception {
        AtomicInteger count = new AtomicInteger();
        started(SOON, () -> {
            switch (count.getAndIncrement()) {
                case 0 -> throw new IllegalStateException("the store is down");
                case 1 -> throw new LinkageError("half deployed");
                default -> steps.release();
            }
            return false;
        });
        assertStep();
    }

    @Test
    void it_stops_after_its_present_step_even_when_there_is_more() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger count = new AtomicInteger();
        started(NEVER, () -> {
            count.incrementAndGet();
            inside.countDown();
            goOn.await();
            return true;
        });
        loop.wake();
        inside.await();
        loop.stop();
        goOn.countDown();
        loop.join(Duration.ofSeconds(10));
        assertThat(count).hasValue(1);
    }

    @Test
    void workers_close_what_brings_work_first_then_what_is_under_way_and_the_feed_last() throws Exception {
        List<String> ended = new CopyOnWriteArrayList<>();
        Workers workers = new Workers();
        CountDownLatch working = new CountDownLatch(2);
        CountDownLatch closing = new CountDownLatch(1);
        workers.add("sweeper", NEVER, () -> {
            working.countDown();
            closing.await();
            ended.add("sweeper");
            return false;
        });
        workers.add("feed", SOON, () -> false);
        workers.start();
        workers.wake("sweeper");
        workers.threads().execute(() -> {
            working.countDown();
            awaitUnchecked(closing);
            Eventually.holds("the sweeper has ended", () -> ended.contains("sweeper"));
            ended.add("send");
        });
        working.await();
        Thread closer = new Thread(workers::stop, "closer");
        closer.start();
        Eventually.holds("it is closing", () -> !workers.areRunning());
        closing.countDown();
        closer.join(15_000);

        assertThat(ended).containsExactly("sweeper", "send");
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("handoff-sweeper");
    }

    @Test
    void workers_start_once_stop_once_and_do_not_begin_again() {
        Workers workers = new Workers();
        workers.add("feed", NEVER, () -> false);
        workers.start();
        workers.start();
        assertThat(workers.areRunning()).isTrue();
        workers.stop();
        workers.stop();
        assertThat(workers.areRunning()).isFalse();
        assertThatIllegalStateException().isThrownBy(workers::start).withMessageContaining("build a new one");
    }

    private void started(Duration interval, Loop.Step step) {
        loop = new Loop("test", interval, step);
        loop.start();
    }

    private void assertStep() throws InterruptedException {
        assertThat(steps.tryAcquire(10, TimeUnit.SECONDS)).as("it stepped").isTrue();
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
