package dev.handoff.runner.metrics;

import dev.handoff.Handoff;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationStatus;
import dev.handoff.model.HandoffException;
import dev.handoff.model.HandoffPhase;
import dev.handoff.model.HumanHandoff;
import dev.handoff.runner.http.Gate;
import dev.handoff.runner.http.Routes;
import dev.handoff.store.Backlog;
import dev.handoff.store.History;
import dev.handoff.store.SenderId;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers Prometheus. What is read from the store is read for each scrape, in pages up to a bound, so that a scrape costs
 * the same whatever the history; when the store does not answer, the scrape says so and gives the rest.
 */
public final class MetricsRoutes implements Routes {
    private static final Logger log = LoggerFactory.getLogger(MetricsRoutes.class);
    private static final int PAGE = 500;
    private static final int MOST_COUNTED = 10_000;

    private final Metrics metrics;
    private final Handoff handoff;
    private final String tenant;
    private final InstantSource storeTime;
    private final IntSupplier listeners;
    private final Gate gate;

    public MetricsRoutes(
            Metrics metrics,
            Handoff handoff,
            String tenant,
            InstantSource storeTime,
            IntSupplier listeners,
            Gate gate) {
        this.metrics = metrics;
        this.handoff = handoff;
        this.tenant = tenant;
        this.storeTime = storeTime;
        this.listeners = listeners;
        this.gate = gate;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/metrics", this::scrape);
    }

    private void scrape(Context ctx) {
        List<Gauge> gauges = new ArrayList<>();
        gauges.add(Gauge.of("handoff_feed_listeners", "WebSockets that listen to the feed.", listeners.getAsInt()));
        boolean answers = gate.isOpen();
        if (answers) {
            try {
                gauges.addAll(stored());
            } catch (HandoffException e) {
                log.warn("The store did not answer a scrape: {}", e.getMessage());
                answers = false;
            }
        }
        gauges.add(Gauge.of("handoff_store_up", "Whether the store answered this scrape.", answers ? 1 : 0));
        ctx.contentType("text/plain; version=0.0.4; charset=utf-8").result(metrics.text(gauges));
    }

    private List<Gauge> stored() {
        Map<List<String>, Double> open = new LinkedHashMap<>();
        open.put(List.of("PENDING", ""), count(ConversationStatus.PENDING, null));
        open.put(List.of("PROGRESS", ""), count(ConversationStatus.PROGRESS, null));
        for (HandoffPhase phase : HandoffPhase.values()) {
            open.put(List.of("HUMAN_HANDOFF", phase.name()), count(ConversationStatus.HUMAN_HANDOFF, phase));
        }
        List<Conversation> queue = handoff.history().queue(tenant, null, MOST_COUNTED);
        return List.of(
                Gauge.of(
                        "handoff_conversations",
                        "Open conversations, counted up to " + MOST_COUNTED + " a state.",
                        List.of("status", "phase"),
                        open),
                Gauge.of("handoff_queue_length", "Conversations that wait for an agent.", queue.size()),
                Gauge.of("handoff_queue_oldest_wait_seconds", "How long the first of them has waited.", oldest(queue)),
                Gauge.of(
                        "handoff_outbound_waiting",
                        "Messages that wait to be sent, by inbox.",
                        List.of("channel", "inbox"),
                        waiting()),
                Gauge.of(
                        "handoff_dead_letters",
                        "Messages that were given up, counted up to " + PAGE + ".",
                        handoff.deadLetters(tenant, PAGE).size()));
    }

    private Map<List<String>, Double> waiting() {
        Map<List<String>, Double> waiting = new LinkedHashMap<>();
        for (Backlog backlog : handoff.backlogs()) {
            SenderId sender = backlog.sender();
            if (sender.tenant().equals(tenant)) {
                waiting.put(List.of(sender.channel(), sender.inbox()), (double) backlog.messages());
            }
        }
        return waiting;
    }

    private double count(ConversationStatus status, @Nullable HandoffPhase phase) {
        int counted = 0;
        String cursor = null;
        do {
            History.Page page =
                    handoff.history().conversations(new History.Query(tenant, status, phase, null, null, PAGE, cursor));
            counted += page.items().size();
            cursor = page.nextCursor();
        } while (cursor != null && counted < MOST_COUNTED);
        return counted;
    }

    private double oldest(List<Conversation> queue) {
        Instant now = storeTime.instant();
        double longest = 0;
        for (Conversation conversation : queue) {
            HumanHandoff waiting = conversation.handoff();
            if (waiting != null) {
                longest = Math.max(longest, Duration.between(waiting.at(), now).toMillis() / 1000.0);
            }
        }
        return longest;
    }
}
