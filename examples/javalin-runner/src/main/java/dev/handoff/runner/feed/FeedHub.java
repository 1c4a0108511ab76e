package dev.handoff.runner.feed;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.websocket.api.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the feed on and wakes everyone who listens. One shared reader rather than one a client: a hundred consoles cost
 * the database as much as one. The library's hint makes it quick; a poll each {@link #POLL_MILLIS} ms finds what other
 * processes did and what a lost hint would have told.
 */
public final class FeedHub implements AutoCloseable {
    static final int GOING_AWAY = 1001;

    private static final Logger log = LoggerFactory.getLogger(FeedHub.class);
    private static final int WINDOW = 5_000;
    private static final long WINDOW_CHARS = 8_000_000;
    private static final int MOST_CLIENTS = 1_000;
    private static final long POLL_MILLIS = 250;

    private final FeedWindow window;
    private final Map<Session, FeedClient> clients = new ConcurrentHashMap<>();
    private final Semaphore hints = new Semaphore(0);
    private final ExecutorService senders;
    private final Thread reader;
    private volatile boolean stopped;

    public FeedHub(FeedSource source) {
        this.window = new FeedWindow(source, WINDOW, WINDOW_CHARS);
        AtomicInteger number = new AtomicInteger();
        // Cached: a thread exists only while a client is being sent something, and a stalled client holds its own.
        this.senders = Executors.newCachedThreadPool(work -> daemon(work, "feed-sender-" + number.incrementAndGet()));
        this.reader = daemon(this::read, "feed-reader");
    }

    /** Starts reading; the store must be ready. */
    public void start() {
        reader.start();
    }

    /** The feed may have moved. */
    public void hint() {
        hints.release();
    }

    /** How many listen. */
    public int clients() {
        return clients.size();
    }

    /** Sends this session everything after the cursor, from now on. Whether there was room for it. */
    boolean add(Session session, String agentId, long cursor) {
        if (stopped || clients.size() >= MOST_CLIENTS) {
            return false;
        }
        FeedClient client = new FeedClient(session, agentId, cursor, window, senders);
        clients.put(session, client);
        client.wake();
        return true;
    }

    void remove(Session session) {
        clients.remove(session);
    }

    @Override
    public void close() {
        stopped = true;
        reader.interrupt();
        clients.values().forEach(client -> client.close(GOING_AWAY, "the service is stopping; resume elsewhere"));
        senders.shutdown();
    }

    private void read() {
        boolean begun = false;
        while (!stopped) {
            try {
                if (!begun) {
                    window.begin();
                    begun = true;
                }
                while (window.advance()) {
                    clients.values().forEach(FeedClient::wake);
                }
                // Also without news: a client whose read of the store failed goes on here.
                clients.values().forEach(FeedClient::wake);
                await();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                log.warn("The feed could not be read; trying again: {}", e.toString());
                pause();
            }
        }
    }

    private void await() throws InterruptedException {
        boolean hinted = hints.tryAcquire(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (hinted) {
            hints.drainPermits();
        }
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }
}
