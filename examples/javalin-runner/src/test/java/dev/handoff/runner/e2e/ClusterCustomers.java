package dev.handoff.runner.e2e;

import dev.handoff.twilio.testing.FakeMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Customers who write by way of Twilio, to whichever node, each message until it is acknowledged; and Twilio's reports of
 * what it has delivered, some of which get lost.
 */
final class ClusterCustomers {
    private static final int WRITERS = 32;
    private static final String INBOX = "whatsapp:+14155238886";

    /** A message that was acknowledged. */
    record Acknowledged(String customer, int number, String text) {}

    final Map<String, Acknowledged> acknowledged = new ConcurrentHashMap<>();
    final AtomicInteger repeated = new AtomicInteger();

    /** How long no customer was heard, at the longest. */
    final AtomicLong longestSilentNanos = new AtomicLong();

    private final Cluster cluster;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong heardAt = new AtomicLong(System.nanoTime());
    private volatile boolean stopped;

    ClusterCustomers(Cluster cluster, int customers, long seed) {
        this.cluster = cluster;
        for (int writer = 0; writer < WRITERS; writer++) {
            Random random = new Random(seed + writer);
            List<String> mine = new ArrayList<>();
            for (int i = writer; i < customers; i += WRITERS) {
                mine.add("whatsapp:+55119%08d".formatted(i));
            }
            start("customers " + writer, () -> write(mine, random));
        }
        start("reports", () -> report(new Random(seed - 1)));
    }

    /** What is being said is said to its end. */
    void stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    void interrupt() {
        stopped = true;
        threads.forEach(Thread::interrupt);
    }

    private void start(String name, Cluster.Task task) {
        threads.add(cluster.start(name, task));
    }

    private void write(List<String> customers, Random random) throws InterruptedException {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        while (!stopped && !customers.isEmpty()) {
            String customer = customers.get(random.nextInt(customers.size()));
            int number = numbers.merge(customer, 1, Integer::sum);
            String text = "line " + number + (random.nextInt(12) == 0 ? " atendente" : "");
            Map<String, String> parameters = cluster.twilio.inboundParameters(customer, INBOX, text);
            while (!cluster.webhook(cluster.any(random), "/webhooks/twilio", parameters)) {
                repeated.incrementAndGet();
                LockSupport.parkNanos(Duration.ofMillis(20 + random.nextInt(80)).toNanos());
            }
            long now = System.nanoTime();
            longestSilentNanos.accumulateAndGet(now - heardAt.getAndSet(now), Math::max);
            acknowledged.put(parameters.get("MessageSid"), new Acknowledged(customer, number, text));
            LockSupport.parkNanos(Duration.ofMillis(random.nextInt(150)).toNanos());
        }
    }

    /** Each message is reported once or not at all; nobody repeats a report that was not taken. */
    private void report(Random random) throws InterruptedException {
        int known = 0;
        while (!stopped) {
            List<FakeMessage> messages = cluster.twilio.messages();
            for (FakeMessage message : messages.subList(known, messages.size())) {
                String callback = message.statusCallback();
                if (stopped || callback == null || random.nextInt(10) < 7) {
                    continue;
                }
                String status = random.nextInt(3) == 0 ? "sent" : "delivered";
                cluster.twilio.becomes(message.sid(), status, null);
                Map<String, String> report = new LinkedHashMap<>();
                report.put("MessageSid", message.sid());
                report.put("MessageStatus", status);
                report.put("To", message.to());
                report.put("From", INBOX);
                report.put("AccountSid", cluster.twilio.accountSid());
                cluster.webhook(cluster.any(random), callback.substring(RunnerProcess.PUBLIC_URL.length()), report);
            }
            known = messages.size();
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }
}
