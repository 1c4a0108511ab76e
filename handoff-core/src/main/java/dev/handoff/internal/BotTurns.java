package dev.handoff.internal;

import dev.handoff.bot.Bot;
import dev.handoff.bot.BotReply;
import dev.handoff.bot.BotSettings;
import dev.handoff.bot.BotTurn;
import dev.handoff.bot.ControlLostException;
import dev.handoff.machine.Command;
import dev.handoff.machine.Decision;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationId;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.Delivery;
import dev.handoff.model.Direction;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.BotLease;
import dev.handoff.store.BotWork;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.Lookup;
import dev.handoff.store.OnceKey;
import dev.handoff.store.Prior;
import dev.handoff.store.Snapshot;
import dev.handoff.store.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the bot for conversations in which it owes an answer. A turn is claimed with a lease that is renewed while the bot
 * thinks; if the process dies, the lease runs out and another node claims the turn. The reply is a command like any
 * other: its commit decides whether it was in time, so a reply thought up before a takeover is kept as suppressed.
 */
final class BotTurns {
    private static final Logger log = LoggerFactory.getLogger(BotTurns.class);

    private final CommandRunner runner;
    private final Bot bot;
    private final BotSettings settings;
    private final Supplier<ExecutorService> threads;
    private final Supplier<ScheduledExecutorService> timer;
    private final Semaphore slots;
    private final Set<Turn> running = ConcurrentHashMap.newKeySet();

    BotTurns(
            CommandRunner runner,
            Bot bot,
            BotSettings settings,
            Supplier<ExecutorService> threads,
            Supplier<ScheduledExecutorService> timer) {
        this.runner = runner;
        this.bot = bot;
        this.settings = settings;
        this.threads = threads;
        this.timer = timer;
        this.slots = new Semaphore(settings.concurrency());
    }

    /** Claims as many turns as there are free slots and begins them; {@code whenOneEnds} runs when a slot is free again. */
    List<CountDownLatch> begin(Runnable whenOneEnds) {
        int free = slots.drainPermits();
        List<CountDownLatch> begun = new ArrayList<>();
        try {
            if (free > 0) {
                for (BotWork work : runner.store().claimBotTurns(free, settings.lease())) {
                    free--;
                    begun.add(begin(work, whenOneEnds));
                }
            }
        } finally {
            slots.release(free);
        }
        return begun;
    }

    /** Keeps the claims of turns that still run. A turn whose claim is lost goes on: its reply is refused by its fence. */
    void renewLeases() {
        List<BotWork> alive = running.stream().map(turn -> turn.work).toList();
        if (!alive.isEmpty()) {
            runner.store().renewBotTurns(alive, settings.lease());
        }
    }

    private CountDownLatch begin(BotWork work, Runnable whenOneEnds) {
        Turn turn = new Turn(work, whenOneEnds);
        running.add(turn);
        try {
            threads.get().execute(turn);
        } catch (RejectedExecutionException closing) {
            turn.settle(turn::leaveToAnotherNode);
        } catch (Error noThread) {
            // Left in the list, its claim would be renewed for ever, and its customer never be answered.
            turn.settle(() -> log.warn("no thread for turn {} of {}: it waits for its lease", work.token(), turn.id()));
            throw noThread;
        }
        return turn.ended;
    }

    /**
     * One call of the bot. When its time is over it is interrupted, and its slot is free for others; but as long as it has
     * not returned, its claim is kept and renewed, so that no node begins a second thought of the same turn beside it. A
     * bot that does not return for as long again is given up, and a human is called in place of another attempt.
     *
     * <p>The turn's own lock guards who is thinking and what has been decided; it is not held while the bot or the store
     * works.
     */
    private final class Turn implements Runnable {
        private final BotWork work;
        private final Runnable whenEnded;
        private final CountDownLatch ended = new CountDownLatch(1);
        private @Nullable Thread thinker;
        private boolean late;
        private boolean settled;

        Turn(BotWork work, Runnable whenEnded) {
            this.work = work;
            this.whenEnded = whenEnded;
        }

        @Override
        public void run() {
            if (work.attempt() > settings.maxAttempts()) {
                settle(() ->
                        failed("the processes that served this turn died " + (work.attempt() - 1) + " times", true));
                return;
            }
            Runnable outcome = think();
            settle(
                    isLate()
                            ? () -> failed("the bot took longer than " + settings.timeLimit(), lastAttempt())
                            : outcome);
        }

        /** Calls the bot; returns how the turn is to be settled if that was in time. */
        private Runnable think() {
            try {
                BotTurn turn = turn();
                BotReply reply = callWithinTime(turn);
                return reply == null
                        ? () -> gaveUp("the bot answered nothing")
                        : () -> command(new Command.BotReplies(epoch(), upTo(), reply), end());
            } catch (ControlLostException handedOver) {
                return () -> log.debug("turn {} of {} ended: control was lost", work.token(), id());
            } catch (StoreUnavailableException notTheBotsFault) {
                return () -> log.warn(
                        "turn {} of {} is tried again when its lease ends: the store did not answer",
                        work.token(),
                        id(),
                        notTheBotsFault);
            } catch (InterruptedException stopped) {
                // Not passed on: the thread goes back to the pool, and this turn's outcome is written on it first.
                return () -> gaveUp("the bot was interrupted");
            } catch (Throwable thrown) {
                // Errors too: a turn that nobody settles would keep its slot, and by its renewed lease its
                // conversation.
                log.warn("the bot failed in turn {} of {}", work.token(), id(), thrown);
                return () -> gaveUp(thrown.getClass().getName() + ": " + thrown.getMessage());
            }
        }

        /** Null from a host's bot, whatever its interface says. */
        private @Nullable BotReply callWithinTime(BotTurn turn) throws Exception {
            synchronized (this) {
                thinker = Thread.currentThread();
            }
            @Nullable Future<?> limit = null;
            try {
                limit = afterTheTimeLimit(this::timeIsOver);
                return bot.answer(turn);
            } finally {
                if (limit != null) {
                    limit.cancel(false);
                }
                stopThinking();
            }
        }

        private Future<?> afterTheTimeLimit(Runnable action) {
            return timer.get().schedule(action, settings.timeLimit().toMillis(), TimeUnit.MILLISECONDS);
        }

        private void timeIsOver() {
            if (!becomesLate()) {
                return;
            }
            slots.release();
            whenEnded.run();
            try {
                afterTheTimeLimit(this::giveUp);
            } catch (RejectedExecutionException closing) {
                settle(this::leaveToAnotherNode);
            }
        }

        /** Under the same lock as {@link #stopThinking}, so that the interrupt never hits what the thread does next. */
        private synchronized boolean becomesLate() {
            if (thinker == null || settled) {
                return false;
            }
            late = true;
            thinker.interrupt();
            return true;
        }

        private synchronized void stopThinking() {
            thinker = null;
            Thread.interrupted();
        }

        private synchronized boolean isLate() {
            return late;
        }

        /** Not on the timer's own thread: a store that is slow to take one failure must not hold up the other limits. */
        private void giveUp() {
            try {
                threads.get()
                        .execute(() -> settle(() -> failed(
                                "the bot took longer than " + settings.timeLimit()
                                        + ", and has not stopped for as long again",
                                true)));
            } catch (RejectedExecutionException closing) {
                settle(this::leaveToAnotherNode);
            }
        }

        /** A bot that is interrupted because this process closes has not failed. */
        private void gaveUp(String cause) {
            if (threads.get().isShutdown()) {
                leaveToAnotherNode();
            } else {
                failed(cause, lastAttempt());
            }
        }

        private void leaveToAnotherNode() {
            log.debug("turn {} of {} is left to another node: this one closes", work.token(), id());
        }

        /**
         * Only the first to come here decides. If the process dies in here, the lease runs out and the turn is claimed
         * anew.
         */
        private void settle(Runnable how) {
            boolean holdsSlot;
            synchronized (this) {
                if (settled) {
                    return;
                }
                settled = true;
                holdsSlot = !late;
            }
            try {
                how.run();
            } catch (RuntimeException lost) {
                log.warn(
                        "the outcome of turn {} of {} was not kept; it is tried again when its lease ends",
                        work.token(),
                        id(),
                        lost);
            } finally {
                running.remove(this);
                if (holdsSlot) {
                    slots.release();
                }
                ended.countDown();
                whenEnded.run();
            }
        }

        private void failed(String cause, boolean lastAttempt) {
            command(new Command.BotFails(epoch(), upTo(), cause, lastAttempt), retry());
        }

        private void command(Command command, BotLease lease) {
            runner.submit(new TurnWork(work, command, lease));
        }

        private BotTurn turn() {
            Conversation conversation = work.conversation();
            long after = Math.min(
                    conversation.bot().answeredSeq(), Math.max(0, conversation.lastSeq() - settings.historyLimit()));
            List<Message> history =
                    runner.store().messages(id(), after, (int) Math.min(10_000, conversation.lastSeq() - after));
            List<Message> unanswered = history.stream()
                    .filter(message -> message.owner() == MessageOwner.CUSTOMER
                            && message.id().seq() > conversation.bot().answeredSeq())
                    .toList();
            List<Message> said = history.stream()
                    .filter(message ->
                            message.direction() != Direction.INTERNAL && message.delivery() != Delivery.SUPPRESSED)
                    .toList();
            return new BotTurn(conversation, work.attempt(), said, unanswered, this::stillWithBot);
        }

        /** A turn whose time is over must do nothing more, whoever is in control. */
        private boolean stillWithBot() {
            // An interrupt must not break the connection or the file from which this thread reads.
            boolean interrupted = Thread.interrupted();
            try {
                return !isLate()
                        && runner.store()
                                .conversation(id())
                                .filter(now -> now.status() == ConversationStatus.PROGRESS && now.epoch() == epoch())
                                .isPresent();
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        private BotLease end() {
            return new BotLease.End(work.token());
        }

        private BotLease retry() {
            long factor = 1L << Math.min(10, work.attempt() - 1);
            return new BotLease.RetryAfter(work.token(), settings.retryDelay().multipliedBy(factor));
        }

        private boolean lastAttempt() {
            return work.attempt() >= settings.maxAttempts();
        }

        private long epoch() {
            return work.conversation().epoch();
        }

        private long upTo() {
            return work.conversation().inboundSeq();
        }

        private ConversationId id() {
            return work.conversation().id();
        }
    }

    /** Commits what a turn came to, once for its claim. */
    private final class TurnWork implements Work<Boolean> {
        private final BotWork turn;
        private final Command command;
        private final BotLease lease;
        private final OnceKey once;

        TurnWork(BotWork turn, Command command, BotLease lease) {
            this.turn = turn;
            this.command = command;
            this.lease = lease;
            this.once = OnceKey.turn(turn.conversation().id(), turn.token());
        }

        @Override
        public Lookup lookup() {
            return new Lookup.ById(turn.conversation().id(), once);
        }

        @Override
        public Step<Boolean> decide(Snapshot snapshot) {
            @Nullable Conversation conversation = snapshot.conversation();
            if (conversation == null) {
                return new Step.Finish<>(false);
            }
            Decision decision = runner.machine().decide(conversation, command, null, snapshot.now());
            if (decision instanceof Decision.Accepted accepted) {
                return new Step.Commit<>(
                        ChangeSets.of(runner.ids().random(), once, conversation, command, accepted, lease));
            }
            log.debug("turn {} of {} was overtaken: {}", turn.token(), conversation.id(), decision);
            return new Step.Finish<>(false);
        }

        @Override
        public Boolean committed(ChangeSet change, List<MessageId> inFlight) {
            return true;
        }

        @Override
        public Boolean alreadyDone(Prior prior, Snapshot snapshot) {
            return true;
        }

        @Override
        public Boolean capacityReached(CommitResult.CapacityReached reached, Snapshot snapshot) {
            throw new IllegalStateException("a bot's turn takes nobody's capacity");
        }
    }
}
