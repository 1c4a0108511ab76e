package dev.handoff.runner.metrics;

import dev.handoff.channel.Channel;
import dev.handoff.model.Conversation;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.HumanHandoff;
import dev.handoff.notify.Notifier;
import io.javalin.http.Context;
import io.javalin.router.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * All that this process counts and times. Each process counts what it did itself, so that sums over processes are right.
 * Hand-written: three kinds of metric in one text format are less than a library of them. Thread-safe.
 */
public final class Metrics {
    private static final double[] QUICK = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    private static final double[] HUMAN = {1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600};

    private final Counter events = new Counter("handoff_events_total", "What happened in conversations.", "type");
    private final Counter messages =
            new Counter("handoff_messages_total", "Messages that were stored, by who they are from.", "owner");
    private final Counter botFailures = new Counter("handoff_bot_failures_total", "Turns in which the bot failed.");
    private final Timer waits = new Timer(
            "handoff_wait_seconds", "How long customers waited from the handoff until an agent took it.", HUMAN);
    private final Timer sends =
            new Timer("handoff_send_seconds", "Attempts to send, by what they came to.", QUICK, "channel", "outcome");
    private final Timer requests =
            new Timer("handoff_http_request_seconds", "HTTP requests.", QUICK, "method", "path", "status");

    /** To be given to the library: counts what each commit brought about. */
    public Notifier notifier() {
        return this::committed;
    }

    /** The same channel, with every attempt timed. */
    public Channel timed(Channel channel) {
        return new TimedChannel(channel, sends);
    }

    /** One HTTP request was answered. */
    public void answered(Context ctx, float milliseconds) {
        Endpoint endpoint = ctx.endpoints().lastHttpEndpoint();
        boolean known = endpoint != null && endpoint.method.isHttpMethod();
        requests.took(
                Duration.ofNanos((long) (milliseconds * 1e6)),
                ctx.method().toString(),
                known ? endpoint.path : "unmatched",
                Integer.toString(ctx.statusCode()));
    }

    /** Everything in Prometheus' text format, with gauges that were just read. */
    String text(List<Gauge> gauges) {
        StringBuilder out = new StringBuilder(8192);
        gauges.forEach(gauge -> gauge.write(out));
        List.of(events, messages, botFailures).forEach(counter -> counter.write(out));
        List.of(waits, sends, requests).forEach(timer -> timer.write(out));
        return out.toString();
    }

    private void committed(Conversation conversation, List<Event> happened) {
        for (Event event : happened) {
            events.count(event.type().wireName());
            String owner = event.data().get("owner");
            if (event.type() == EventType.NEW_MESSAGE && owner != null) {
                messages.count(owner.toLowerCase(Locale.ROOT));
            }
            if (event.type() == EventType.BOT_FAILED) {
                botFailures.count();
            }
            HumanHandoff handoff = conversation.handoff();
            boolean taken = event.type() == EventType.AGENT_ASSIGNED || event.type() == EventType.AGENT_TOOK_OVER;
            if (taken && handoff != null && "queue".equals(event.data().get("from"))) {
                waits.took(Duration.between(handoff.at(), event.at()));
            }
        }
    }
}
