package dev.handoff.webchat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is connected to this node. They are woken at once by what this node puts into their mailboxes; for what others put
 * there, the newest places of all of them are asked for every {@link #LOOK_MILLIS} ms, some hundred visitors a query. A
 * handful of threads serves everybody. Thread-safe.
 */
final class Tabs implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Tabs.class);
    private static final int MOST_TABS = 5_000;
    private static final int MOST_OF_ONE_VISITOR = 20;
    private static final int THREADS = 4;
    private static final long LOOK_MILLIS = 500;
    private static final int VISITORS_A_QUERY = 500;
    private static final int GOING_AWAY = 1001;

    private final String tenant;
    private final Mailbox mailbox;
    private final Map<Visitor, Set<Tab>> open = new ConcurrentHashMap<>(); // the sets are never changed, but replaced
    private final AtomicInteger count = new AtomicInteger();
    private final ScheduledThreadPoolExecutor threads;

    Tabs(String tenant, Mailbox mailbox) {
        this.tenant = tenant;
        this.mailbox = mailbox;
        AtomicInteger number = new AtomicInteger();
        this.threads = new ScheduledThreadPoolExecutor(
                THREADS,
                work -> {
                    Thread thread = new Thread(work, "webchat-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                },
                // Who comes after the close is not served: their sockets are closed, too.
                new ScheduledThreadPoolExecutor.DiscardPolicy());
    }

    /** The threads that tabs borrow. */
    Executor threads() {
        return threads;
    }

    /** Begins to look for what other nodes have put into mailboxes. */
    void start() {
        threads.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Serves this tab from now on. Whether there was room for it. */
    boolean add(Tab tab) {
        if (count.incrementAndGet() > MOST_TABS || !addToVisitors(tab)) {
            count.decrementAndGet();
            return false;
        }
        return true;
    }

    private boolean addToVisitors(Tab tab) {
        Set<Tab> now = open.compute(tab.visitor(), (visitor, tabs) -> {
            if (tabs != null && tabs.size() >= MOST_OF_ONE_VISITOR) {
                return tabs;
            }
            Set<Tab> more = new HashSet<>(tabs == null ? Set.of() : tabs);
            more.add(tab);
            return Set.copyOf(more);
        });
        return now.contains(tab);
    }

    /** Its socket is closed. */
    void remove(Tab tab) {
        open.computeIfPresent(tab.visitor(), (visitor, tabs) -> {
            if (!tabs.contains(tab)) {
                return tabs;
            }
            count.decrementAndGet();
            Set<Tab> fewer = new HashSet<>(tabs);
            fewer.remove(tab);
            return fewer.isEmpty() ? null : Set.copyOf(fewer);
        });
    }

    /** This visitor's mailbox has something new. */
    void wake(Visitor visitor) {
        open.getOrDefault(visitor, Set.of()).forEach(Tab::wake);
    }

    @Override
    public void close() {
        open.values().forEach(tabs -> tabs.forEach(tab -> tab.leave(GOING_AWAY, "this node stops; come back at once")));
        // No interrupts: H2 closes its file under whoever is interrupted while reading.
        threads.shutdown();
    }

    private void look() {
        try {
            List<Visitor> all = new ArrayList<>(open.keySet());
            for (int from = 0; from < all.size(); from += VISITORS_A_QUERY) {
                look(all.subList(from, Math.min(all.size(), from + VISITORS_A_QUERY)));
            }
        } catch (RuntimeException e) {
            log.warn("The mailboxes could not be looked at; trying again: {}", e.toString());
        }
    }

    private void look(List<Visitor> some) {
        Map<String, Long> last =
                mailbox.lastPlaces(tenant, some.stream().map(Visitor::address).toList());
        for (Visitor visitor : some) {
            long newest = last.getOrDefault(visitor.address(), 0L);
            open.getOrDefault(visitor, Set.of()).stream()
                    .filter(tab -> tab.sentUpTo() < newest)
                    .forEach(Tab::wake);
        }
    }
}
