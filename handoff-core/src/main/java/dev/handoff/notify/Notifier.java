package dev.handoff.notify;

import dev.handoff.model.Conversation;
import dev.handoff.model.Event;
import java.util.List;

/**
 * Told what has happened, after the commit and outside all locks. Best effort: a process that dies in between tells
 * nobody, and an exception is logged and forgotten. Whoever must miss nothing reads the feed.
 *
 * <p>Called on the thread that made the change: implementations are thread-safe and quick.
 */
@FunctionalInterface
public interface Notifier {
    /**
     * Tells what one commit brought about.
     *
     * @param conversation the conversation after the commit
     * @param events what happened in it, in order
     */
    void committed(Conversation conversation, List<Event> events);
}
