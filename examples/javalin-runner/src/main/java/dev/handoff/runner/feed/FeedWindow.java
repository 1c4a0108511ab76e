package dev.handoff.runner.feed;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The newest stretch of the feed, in memory. One reader moves it on; however many clients listen, an event is read from
 * the store and written as JSON once. A client that is further behind than the window reads the store itself until it
 * has caught up, so it resumes from any cursor with nothing lost (I6).
 *
 * <p>Thread-safe: everything is guarded by this object's lock, and the store is never called while it is held.
 */
final class FeedWindow {
    private static final int PAGE = 500;

    private final FeedSource source;
    private final int size;
    private final long mostChars;
    private final Deque<Frame> frames = new ArrayDeque<>();
    /** Every event after {@code from} up to {@code end} is in {@code frames}. */
    private long from;

    private long end;
    private long chars;

    /** Keeps so many events, and fewer when they are longer than so many characters together. */
    FeedWindow(FeedSource source, int size, long mostChars) {
        this.source = source;
        this.size = size;
        this.mostChars = mostChars;
    }

    /** Begins at the end of the feed. For the one reader's thread. */
    void begin() {
        long newest = source.end();
        synchronized (this) {
            frames.clear();
            chars = 0;
            from = newest;
            end = newest;
        }
    }

    /**
     * Takes in what is new. For the one reader's thread.
     *
     * @return whether there was anything
     */
    boolean advance() {
        long seen = end();
        List<Frame> fresh = source.after(seen, PAGE).stream().map(Frame::of).toList();
        if (fresh.isEmpty()) {
            return false;
        }
        synchronized (this) {
            for (Frame frame : fresh) {
                frames.addLast(frame);
                chars += frame.json().length();
            }
            end = fresh.get(fresh.size() - 1).cursor();
            while (frames.size() > size || chars > mostChars) {
                Frame eldest = frames.removeFirst();
                chars -= eldest.json().length();
                from = eldest.cursor();
            }
        }
        return true;
    }

    /** What comes after a cursor, oldest first; empty when nothing has come yet. Reads the store for older cursors. */
    List<Frame> after(long cursor, int limit) {
        synchronized (this) {
            if (cursor >= from) {
                return newerThan(cursor, limit);
            }
        }
        return source.after(cursor, limit).stream().map(Frame::of).toList();
    }

    private synchronized long end() {
        return end;
    }

    private List<Frame> newerThan(long cursor, int limit) {
        List<Frame> newer = new ArrayList<>();
        if (cursor >= end) {
            return newer;
        }
        for (Frame frame : frames) {
            if (frame.cursor() > cursor && newer.size() < limit) {
                newer.add(frame);
            }
        }
        return newer;
    }
}
