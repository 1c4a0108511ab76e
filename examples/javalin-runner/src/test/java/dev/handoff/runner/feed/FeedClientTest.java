package dev.handoff.runner.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.Tenant;
import dev.handoff.store.Feed.FeedEntry;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.eclipse.jetty.websocket.api.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FeedClientTest {
    private static final int EVENTS = 1_000;
    private static final long PATIENCE_SECONDS = 20;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    @Test
    void a_client_that_does_not_read_has_one_frame_waiting_and_is_cut_off() throws InterruptedException {
        FeedClient client = new FeedClient(sessionThatNeverWrites(), "ana", 0, fullWindow(), threads);

        for (int i = 0; i < EVENTS; i++) {
            client.wake();
        }

        assertThat(calls.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("sendText");
        assertThat(calls.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("close " + FeedClient.TRY_AGAIN_LATER);
        assertThat(calls.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("disconnect");
    }

    /** It is open, and what is written to it stays on its way for ever. */
    private Session sessionThatNeverWrites() {
        return (Session) Proxy.newProxyInstance(
                Session.class.getClassLoader(), new Class<?>[] {Session.class}, (session, method, arguments) -> {
                    if (method.getName().equals("isOpen")) {
                        return true;
                    }
                    calls.add(method.getName().equals("close") ? "close " + arguments[0] : method.getName());
                    return null;
                });
    }

    private static FeedWindow fullWindow() {
        List<FeedEntry> entries = LongStream.rangeClosed(1, EVENTS)
                .mapToObj(cursor -> new FeedEntry(
                        cursor,
                        new Event(
                                Tenant.DEFAULT,
                                null,
                                null,
                                EventType.AGENT_AVAILABILITY,
                                "agent:ana",
                                Instant.EPOCH,
                                Map.of())))
                .toList();
        FeedWindow window = new FeedWindow(
                new FeedSource() {
                    @Override
                    public List<FeedEntry> after(long cursor, int limit) {
                        return entries.stream()
                                .filter(entry -> entry.cursor() > cursor)
                                .limit(limit)
                                .toList();
                    }

                    @Override
                    public long end() {
                        return EVENTS;
                    }
                },
                EVENTS,
                Long.MAX_VALUE);
        while (window.advance()) {
            // on to the next page
        }
        return window;
    }
}
