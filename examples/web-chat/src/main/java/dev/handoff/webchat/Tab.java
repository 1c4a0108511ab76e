package dev.handoff.webchat;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One socket of a visitor, and up to where it has been sent the mailbox. It pulls: a page is read only when the one before
 * it has been written, on a thread that is borrowed for just that long. What waits for a slow browser is its place and a
 * single page.
 *
 * <p>Thread-safe. At most one thread sends pages at a time: {@code wishes} counts what happened while it did.
 */
final class Tab {
    private static final Logger log = LoggerFactory.getLogger(Tab.class);
    private static final int PAGE = 100;

    private final Session session;
    private final Visitor visitor;
    private final Mailbox mailbox;
    private final Executor threads;
    private final Pace pace;
    private final AtomicInteger wishes = new AtomicInteger();
    private volatile long sentUpTo;
    private volatile long deliveredUpTo; // written by the one thread at a time that reads this socket, as is seenUpTo
    private volatile long seenUpTo;

    Tab(
            Session session,
            Visitor visitor,
            long sentUpTo,
            Mailbox.Standing standing,
            Mailbox mailbox,
            Executor threads,
            Pace pace) {
        this.session = session;
        this.visitor = visitor;
        this.sentUpTo = sentUpTo;
        this.deliveredUpTo = standing.delivered();
        this.seenUpTo = standing.seen();
        this.mailbox = mailbox;
        this.threads = threads;
        this.pace = pace;
    }

    Visitor visitor() {
        return visitor;
    }

    /** Up to where it has been sent everything. */
    long sentUpTo() {
        return sentUpTo;
    }

    /** Whether its visitor may write one more message now. */
    boolean mayWrite() {
        return pace.allows();
    }

    /** Whether this tells more than it has told before. */
    boolean isNews(Frame.Shown shown) {
        return shown.place() > (shown.seen() ? seenUpTo : Math.max(seenUpTo, deliveredUpTo));
    }

    /** What it told is kept. */
    void told(Frame.Shown shown) {
        if (shown.seen()) {
            seenUpTo = shown.place();
        } else {
            deliveredUpTo = shown.place();
        }
    }

    /** The mailbox may have something new. */
    void wake() {
        if (wishes.getAndIncrement() == 0) {
            threads.execute(this::sendPage);
        }
    }

    /** Sends one frame. A browser that does not read what it is told is cut off. */
    void tell(String frame) {
        session.sendText(frame, Callback.from(() -> {}, gone -> session.disconnect()));
    }

    void leave(int code, String reason) {
        session.close(code, reason, Callback.NOOP);
    }

    private void sendPage() {
        int granted = wishes.get();
        List<Said.Placed> page;
        try {
            page = session.isOpen() ? mailbox.after(visitor, sentUpTo, PAGE) : List.of();
        } catch (RuntimeException e) {
            // Nothing is lost: whoever compares places finds this tab behind, and wakes it again.
            log.warn("The mailbox of {} could not be read: {}", visitor.address(), e.toString());
            page = List.of();
        }
        if (!page.isEmpty()) {
            // Before it is written: the answer may be here sooner than the word that it was.
            sentUpTo = page.get(page.size() - 1).place();
            session.sendText(
                    Frame.messages(page),
                    Callback.from(() -> threads.execute(this::sendPage), gone -> session.disconnect()));
        } else if (!wishes.compareAndSet(granted, 0)) {
            threads.execute(this::sendPage);
        }
    }
}
