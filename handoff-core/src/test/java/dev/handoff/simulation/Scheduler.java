package dev.handoff.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one at a time, each on a thread of its own. A task goes on until it comes to a place where another could have
 * been faster ({@link #pause}), sleeps, or waits; there a choice says who is next. Time stands still while anybody can go
 * on, and then jumps to the next moment for which somebody waits.
 *
 * <p>Only the thread whose turn it is touches anything here or in the world around it; the turn is handed over by a
 * volatile write, so that each sees all that was done before.
 */
final class Scheduler {
    /** A task that was not interrupted goes on in two of three cases: stories stay readable, and switches cheap. */
    private static final int SWITCHES = 3;

    private final Choices choices;
    private final Threads threads;
    private final boolean everyOrder;
    private final List<Task> ready = new ArrayList<>();
    private final PriorityQueue<Task> sleeping = new PriorityQueue<>(
            (a, b) -> a.wakeAt != b.wakeAt ? Long.compare(a.wakeAt, b.wakeAt) : Long.compare(a.order, b.order));
    private final List<Task> started = new ArrayList<>();
    private final Task director;
    private Task current;
    private long nanos;
    private long orders;
    private @Nullable Throwable failure;

    /**
     * The calling thread becomes the director: the task that stands for the world.
     *
     * @param everyOrder whether each pause is a choice between all who could go on, for whoever follows all choices
     */
    Scheduler(Choices choices, Threads threads, boolean everyOrder) {
        this.everyOrder = everyOrder;
        this.choices = choices;
        this.threads = threads;
        this.director = new Task("the world", null, () -> {});
        director.thread = Thread.currentThread();
        ready.add(director);
        current = director;
    }

    /** One thread of a node, or of the world. */
    final class Task {
        final String name;
        final @Nullable Life life;
        private final Runnable body;
        private @Nullable Thread thread;
        private volatile boolean turn;
        private boolean interrupted;
        private boolean killed;
        private boolean unparked;
        private boolean waiting;
        private boolean asleep;
        private long wakeAt;
        private long order;
        private @Nullable Task killer;

        private Task(String name, @Nullable Life life, Runnable body) {
            this.name = name;
            this.life = life;
            this.body = body;
        }

        /** Called by a pooled thread; ends by giving the turn away. */
        void run() {
            awaitTurn();
            try {
                if (!killed) {
                    body.run();
                }
            } catch (NodeDied dead) {
                // What a node that has died had begun ends here.
            } catch (Throwable thrown) {
                if (failure == null) {
                    failure = new IllegalStateException(name + " of " + life + " failed", thrown);
                }
            }
            Thread.interrupted();
        }

        /** The thread is free for another task before the turn is given away. */
        private void leaveFor() {
            leave(this);
        }

        private void awaitTurn() {
            while (!turn) {
                LockSupport.park(this);
                // Whoever interrupts a task means what it does next, not its wait for the turn.
                interrupted |= Thread.interrupted();
            }
            turn = false;
            if (interrupted) {
                interrupted = false;
                Thread.currentThread().interrupt();
            }
        }

        private void resume() {
            if (thread == null) {
                started.add(this);
                thread = threads.begin(this);
            }
            turn = true;
            LockSupport.unpark(thread);
        }
    }

    /** The time that has passed in this world: no clock that anybody can set. */
    long nanoTime() {
        return nanos;
    }

    /** What a task threw that it should not have; null when nothing. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    Task spawn(String name, @Nullable Life life, Runnable body) {
        Task task = new Task(name, life, body);
        makeReady(task);
        return task;
    }

    /** A task that begins after a while. */
    Task spawnAfter(String name, @Nullable Life life, long delayNanos, Runnable body) {
        Task task = new Task(name, life, body);
        putToSleep(task, delayNanos);
        return task;
    }

    /** Takes a task back that has not begun. */
    void cancel(Task task) {
        if (task.thread == null) {
            forget(task);
        }
    }

    /** Somebody else may be faster here. */
    void pause() {
        dieIfKilled();
        if (everyOrder) {
            if (ready.size() > 1 && current != director) {
                switchTo(next());
            }
        } else if (ready.size() > 1 && choices.below(SWITCHES) == SWITCHES - 1) {
            switchTo(ready.get(choices.below(ready.size())));
        }
    }

    void sleep(long forNanos) {
        dieIfKilled();
        Task me = current;
        ready.remove(me);
        putToSleep(me, forNanos);
        switchTo(next());
    }

    /** Waits until somebody calls {@link #unpark} on this task's thread, at most for a time; 0 for no limit. */
    void park(long atMostNanos) {
        dieIfKilled();
        Task me = current;
        if (me.unparked) {
            me.unparked = false;
            return;
        }
        ready.remove(me);
        me.waiting = true;
        if (atMostNanos > 0) {
            putToSleep(me, atMostNanos);
        }
        switchTo(next());
        me.unparked = false;
    }

    void unpark(Thread thread) {
        for (Task task : started) {
            if (task.thread == thread) {
                unpark(task);
                return;
            }
        }
        if (director.thread == thread) {
            unpark(director);
        }
    }

    void unpark(Task task) {
        if (task.waiting) {
            task.waiting = false;
            if (task.asleep) {
                sleeping.remove(task);
                task.asleep = false;
            }
            makeReady(task);
        } else {
            task.unparked = true;
        }
    }

    Task current() {
        return current;
    }

    /** Holds a node's threads where they are. */
    void hold(Life life) {
        life.paused = true;
        for (Task task : List.copyOf(ready)) {
            if (task.life == life) {
                ready.remove(task);
                life.held.add(task);
            }
        }
    }

    void goOn(Life life) {
        life.paused = false;
        ready.addAll(life.held);
        life.held.clear();
    }

    /** Ends a node: every thread of it unwinds, one after the other, and can touch nothing on its way. */
    void kill(Life life) {
        life.over = true;
        for (Task task : List.copyOf(ready)) {
            if (task.life == life && task.thread == null) {
                forget(task);
            }
        }
        for (Task task : List.copyOf(sleeping)) {
            if (task.life == life && task.thread == null) {
                forget(task);
            }
        }
        life.held.removeIf(task -> task.thread == null);
        Task me = current;
        for (Task task : List.copyOf(started)) {
            if (task.life == life && task != me) {
                forget(task);
                life.held.remove(task);
                task.killed = true;
                task.killer = me;
                current = task;
                task.resume();
                me.awaitTurn();
            }
        }
        if (me.life == life) {
            me.killed = true;
            throw new NodeDied();
        }
    }

    /** Ends every task; the world is over. */
    void end() {
        for (Task task : List.copyOf(started)) {
            if (task.thread != null) {
                forget(task);
                task.killed = true;
                task.killer = director;
                current = task;
                task.resume();
                director.awaitTurn();
            }
        }
    }

    private void dieIfKilled() {
        if (current.killed) {
            throw new NodeDied();
        }
    }

    private void forget(Task task) {
        ready.remove(task);
        sleeping.remove(task);
        task.asleep = false;
        task.waiting = false;
    }

    private void makeReady(Task task) {
        if (task.life != null && task.life.paused) {
            task.life.held.add(task);
        } else {
            ready.add(task);
        }
    }

    private void putToSleep(Task task, long forNanos) {
        task.asleep = true;
        task.wakeAt = nanos + forNanos;
        task.order = ++orders;
        sleeping.add(task);
    }

    /** Who goes on when the present task cannot. */
    private Task next() {
        while (ready.isEmpty()) {
            Task first = sleeping.poll();
            if (first == null) {
                throw new IllegalStateException("everybody waits for somebody: a deadlock");
            }
            nanos = Math.max(nanos, first.wakeAt);
            first.asleep = false;
            first.waiting = false;
            makeReady(first);
        }
        return ready.size() == 1 ? ready.get(0) : ready.get(choices.below(ready.size()));
    }

    private void switchTo(Task task) {
        Task me = current;
        if (task != me) {
            current = task;
            task.resume();
            me.awaitTurn();
            dieIfKilled();
        }
    }

    /** A task is over: gives the turn away for good. Called by its thread once that has nothing more to do with it. */
    private void leave(Task task) {
        ready.remove(task);
        started.remove(task);
        task.thread = null;
        Task following = task.killer != null ? task.killer : next();
        current = following;
        following.resume();
    }

    /** Threads for tasks, kept for the runs to come. Belongs to one run at a time. */
    static final class Threads {
        private final Deque<Worker> idle = new ArrayDeque<>();

        private Thread begin(Task task) {
            Worker worker = idle.poll();
            if (worker == null) {
                worker = new Worker();
                worker.setDaemon(true);
                worker.task = task;
                worker.start();
            } else {
                worker.task = task;
            }
            return worker;
        }

        private final class Worker extends Thread {
            private volatile @Nullable Task task;

            Worker() {
                super("simulated");
            }

            @Override
            public void run() {
                while (true) {
                    Task mine = task;
                    if (mine == null) {
                        LockSupport.park(this);
                        continue;
                    }
                    mine.run();
                    task = null;
                    idle.push(this);
                    mine.leaveFor();
                }
            }
        }
    }
}
