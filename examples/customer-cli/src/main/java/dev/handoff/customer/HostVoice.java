package dev.handoff.customer;

import dev.handoff.twilio.testing.FakeMessage;
import dev.handoff.twilio.testing.FakeTwilio;
import dev.handoff.twilio.testing.FakeTwilio.Recorded;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Twilio's API on a loopback port: prints what the host sends as the customer sees it, and reports its delivery to the
 * callback that the host named. One thread of its own looks at the fake every few milliseconds; what it has seen is read by
 * others through volatile fields.
 */
final class HostVoice implements AutoCloseable {

    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    private final FakeTwilio twilio;
    private final Deployment host;
    private final Customer customer;
    private final HostClient client;
    private final List<String> reports;
    private final Terminal terminal;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread looking = new Thread(task, "host-voice");
        looking.setDaemon(true);
        return looking;
    });
    private final ScheduledFuture<?> looking;

    // Written by the looking thread alone.
    private int requestsSeen;
    private int messagesSeen;
    private boolean toldOfCredentials;
    private volatile boolean reporting;
    private volatile long lastHeard = System.nanoTime();
    private volatile boolean reportsTaken = true;

    /**
     * @param reports the statuses that each message takes, in order
     * @throws UncheckedIOException if the port is taken
     */
    HostVoice(
            int port, Deployment host, Customer customer, HostClient client, List<String> reports, Terminal terminal) {
        this.host = host;
        this.customer = customer;
        this.client = client;
        this.reports = List.copyOf(reports);
        this.terminal = terminal;
        this.twilio = FakeTwilio.start(port, customer.account(), host.token());
        this.looking = thread.scheduleWithFixedDelay(this::look, 0, LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    String baseUrl() {
        return twilio.baseUrl();
    }

    /** Whether every report so far got the answer it should. */
    boolean reportsTaken() {
        return reportsTaken;
    }

    /** Returns once the host has said nothing for so long, and every report has been answered or given up. */
    void awaitSilence(Duration silence) throws InterruptedException {
        long started = System.nanoTime();
        while (true) {
            long now = System.nanoTime();
            boolean waits = reporting;
            long left = silence.toNanos() - Math.min(now - started, now - lastHeard);
            if (left <= 0 && !waits) {
                return;
            }
            TimeUnit.NANOSECONDS.sleep(Math.max(left, LOOK_EVERY.toNanos()));
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        twilio.close();
        if (looking.isDone() && !looking.isCancelled()) {
            try {
                looking.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("stopped listening to the host", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void look() {
        List<Recorded> requests = twilio.requests();
        requests.subList(requestsSeen, requests.size()).forEach(this::checkCredentials);
        requestsSeen = requests.size();
        List<FakeMessage> messages = twilio.messages();
        try {
            for (FakeMessage message : messages.subList(messagesSeen, messages.size())) {
                reporting = true;
                terminal.out().println(HeardMessage.of(message, customer));
                lastHeard = System.nanoTime();
                report(message);
                messagesSeen++;
                reporting = false;
            }
        } catch (InterruptedException e) {
            // Closed in the middle of a report.
            Thread.currentThread().interrupt();
        }
    }

    private void report(FakeMessage message) throws InterruptedException {
        String callback = message.statusCallback();
        String sender = message.from() == null ? customer.to() : message.from();
        for (String status : reports) {
            twilio.becomes(message.sid(), status, null);
            if (callback != null) {
                Form form =
                        new StatusReport(customer.account(), message.sid(), status, sender, message.to(), null).form();
                String label = "status " + message.sid() + " " + status;
                Outcome outcome = new Planned(host.signed(label, host.callback(callback), form), Expectation.REPORTED)
                        .sendWith(client);
                terminal.out().println(outcome.line());
                if (!outcome.asExpected()) {
                    reportsTaken = false;
                }
                lastHeard = System.nanoTime();
            }
        }
    }

    /** A host with other credentials is refused by the API as Twilio would refuse it; here somebody should know why. */
    private void checkCredentials(Recorded request) {
        String pair = customer.account() + ":" + host.token();
        String expected = "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        boolean right = expected.equals(request.headers().get("authorization"));
        if (!right && !toldOfCredentials) {
            toldOfCredentials = true;
            terminal.err()
                    .println("The host called Twilio's API with other credentials and was refused: start it with the "
                            + "account and the token that are used here.");
        }
    }
}
