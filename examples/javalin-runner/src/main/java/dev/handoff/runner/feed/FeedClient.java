package dev.handoff.runner.feed;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket and how far it has got. It pulls: a frame is handed to the socket only when the one before it has been
 * written, so what waits for a slow client is its cursor and a single frame, never a growing queue. Whoever takes longer
 * than {@link #PATIENCE_SECONDS} for one frame is cut off, and resumes with its last cursor.
 *
 * <p>Thread-safe. At most one thread sends at a time: {@code wishes} counts what happened while it did.
 */
final class FeedClient {
    static final int TRY_AGAIN_LATER = 1013;

    private static final Logger log = LoggerFactory.getLogger(FeedClient.class);
    private static final int PAGE = 200;
    private static final long PATIENCE_SECONDS = 5;

    private final Session session;
    private final String agentId;
    private final FeedWindow window;
    private final Executor threads;
    private final AtomicInteger wishes = new AtomicInteger();
    private long cursor; // written by the one sending thread; handed on through wishes

    FeedClient(Session session, String agentId, long cursor, FeedWindow window, Executor threads) {
        this.session = session;
        this.agentId = agentId;
        this.cursor = cursor;
        this.window = window;
        this.threads = threads;
    }

    /** Something may be new: sends it, on another thread. */
    void wake() {
        if (wishes.getAndIncrement() == 0) {
            threads.execute(this::sendAll);
        }
    }

    void close(int code, String reason) {
        session.close(code, reason, Callback.NOOP);
    }

    private void sendAll() {
        int granted;
        do {
            granted = wishes.get();
            try {
                while (session.isOpen() && sendPage()) {
                    // on to the next page
                }
            } catch (TimeoutException e) {
                cutOff();
                return;
            } catch (ExecutionException e) {
                // The socket is gone; its close is told to the routes, which forget this client.
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                // The store did not answer. Nothing is lost: the next wake-up begins at the same cursor.
                log.warn("The feed of {} pauses at {}: {}", agentId, cursor, e.toString());
            }
        } while (!wishes.compareAndSet(granted, 0));
    }

    private boolean sendPage() throws TimeoutException, ExecutionException, InterruptedException {
        List<Frame> page = window.after(cursor, PAGE);
        for (Frame frame : page) {
            CompletableFuture<Void> written = new CompletableFuture<>();
            session.sendText(frame.json(), Callback.from(() -> written.complete(null), written::completeExceptionally));
            written.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            cursor = frame.cursor();
        }
        return !page.isEmpty();
    }

    /** A close frame cannot get past the frames that are stuck, so the connection itself is cut. */
    private void cutOff() {
        log.info("The feed of {} is cut off at {}: the client reads too slowly", agentId, cursor);
        close(TRY_AGAIN_LATER, "reads too slowly; resume from your last cursor");
        CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS, threads).execute(session::disconnect);
    }
}
