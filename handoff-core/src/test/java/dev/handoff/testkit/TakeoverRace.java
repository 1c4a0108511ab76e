package dev.handoff.testkit;

import static dev.handoff.testkit.StoreUnderTest.again;
import static dev.handoff.testkit.StoreUnderTest.sent;
import static dev.handoff.testkit.StoreUnderTest.unknown;

import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Conversation;
import dev.handoff.model.Delivery;
import dev.handoff.model.Message;
import dev.handoff.model.MessageId;
import dev.handoff.model.MessageOwner;
import dev.handoff.store.AttemptResult.Verdict;
import dev.handoff.store.OutboundPermit;
import dev.handoff.store.UnresolvedAttempt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takeovers against workers that send. For each bot message it knows when the takeover that ended its epoch had committed,
 * and when each permit was asked for and given back. A message whose permit was still out when the takeover had committed
 * was either in flight, and then the takeover has said so, or its permit came too late: a breach either way.
 */
final class TakeoverRace {
    private static final int CONVERSATIONS = 4;
    private static final int WORKERS = 3;
    private static final int ROUNDS = 30;
    private static final Agent ANA = new Agent(StoreUnderTest.TENANT, "ana", AgentRole.SUPERVISOR, null);

    /** A permit from the moment at which it was asked for to the moment before its result was written. */
    private record Use(MessageId message, long askedAt, long resultAt) {}

    private record Takeover(long committedAt, Set<MessageId> inFlight) {}

    private final StoreUnderTest test;
    private final ConcurrentLinkedQueue<Use> uses = new ConcurrentLinkedQueue<>();
    private final Map<MessageId, Takeover> ends = new ConcurrentHashMap<>();
    private final AtomicInteger driving = new AtomicInteger(CONVERSATIONS);

    TakeoverRace(StoreUnderTest test) {
        this.test = test;
    }

    void run() throws Exception {
        Together.run(CONVERSATIONS + WORKERS, thread -> {
            if (thread < CONVERSATIONS) {
                drive("c" + thread);
            } else {
                work();
            }
            return null;
        });
        resolveTheRest();
    }

    /** Messages that were sent without a permit of their epoch, or in flight without being reported. */
    List<String> breaches() {
        List<String> breaches = new ArrayList<>();
        for (Use use : uses) {
            Takeover end = ends.get(use.message());
            if (use.askedAt() > end.committedAt()) {
                breaches.add("a permit for " + use.message() + " was asked for and given after the takeover");
            } else if (use.resultAt() > end.committedAt() && !end.inFlight().contains(use.message())) {
                breaches.add(use.message() + " was under way after the takeover, which did not say so");
            }
        }
        return breaches;
    }

    /** Bot messages that are neither sent nor suppressed at the end, when every epoch is over. */
    List<Message> unsettled() {
        return ends.keySet().stream()
                .map(test::stored)
                .filter(message -> message.delivery() != Delivery.SENT && message.delivery() != Delivery.SUPPRESSED)
                .toList();
    }

    int takeovers() {
        return CONVERSATIONS * ROUNDS;
    }

    int messages() {
        return ends.size();
    }

    /** The bot speaks, a person takes over, and the bot gets control back: many times. */
    private void drive(String customer) {
        try {
            Conversation conversation = test.commit(test.opening(customer));
            for (int round = 0; round < ROUNDS; round++) {
                Draft says = test.change(conversation);
                List<MessageId> said = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    said.add(says.says(MessageOwner.BOT, "round " + round).lastMessage());
                }
                conversation = test.commit(says);
                letWorkersBegin(said.get(0), round);
                Draft takes = test.change(conversation).taken(ANA);
                List<MessageId> inFlight = test.inFlightAt(takes);
                Takeover takeover = new Takeover(System.nanoTime(), Set.copyOf(inFlight));
                said.forEach(id -> ends.put(id, takeover));
                conversation = takes.done().next();
                conversation = test.commit(test.change(conversation).released());
            }
        } finally {
            driving.decrementAndGet();
        }
    }

    /** In half of the rounds the takeover comes at once, in the others when a worker is at it. */
    private void letWorkersBegin(MessageId first, int round) {
        if (round % 2 == 0) {
            Awaiting.until(() -> test.delivery(first) != Delivery.QUEUED, "no worker takes " + first);
        }
    }

    /** Sends, with results that come one step late, so that takeovers meet permits that are out. */
    private void work() {
        List<Runnable> results = new ArrayList<>();
        while (driving.get() > 0 || !results.isEmpty()) {
            long askedAt = System.nanoTime();
            List<OutboundPermit> permits = test.permits(2);
            results.forEach(Runnable::run);
            results.clear();
            for (OutboundPermit permit : permits) {
                results.add(() -> {
                    uses.add(new Use(permit.message().id(), askedAt, System.nanoTime()));
                    test.record(permit, verdict(permit));
                });
            }
            resolve(1);
        }
    }

    /** A third is sent, a third is tried again, of a third nobody knows; what is tried again is sent. */
    private static Verdict verdict(OutboundPermit permit) {
        String providerId = "p-" + permit.message().attemptToken();
        if (permit.message().attempt() > 1) {
            return sent(providerId);
        }
        return switch ((int) (permit.message().id().seq() % 3)) {
            case 0 -> again();
            case 1 -> unknown();
            default -> sent(providerId);
        };
    }

    private void resolve(int limit) {
        for (UnresolvedAttempt attempt : test.store().claimUnresolved(limit, StoreUnderTest.LONG)) {
            test.record(attempt.message().id(), attempt.message().attemptToken(), again());
        }
    }

    private void resolveTheRest() {
        resolve(1000);
    }
}
