package dev.handoff.testing;

import dev.handoff.model.Conversation;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.notify.Notifier;
import java.util.ArrayList;
import java.util.List;

/** Remembers what it was told. Thread-safe. */
public final class RecordingNotifier implements Notifier {

    /**
     * What it was told once.
     *
     * @param conversation the conversation after the commit
     * @param events what happened in it, in order
     */
    public record Told(Conversation conversation, List<Event> events) {
        public Told {
            events = List.copyOf(events);
        }
    }

    private final List<Told> told = new ArrayList<>();

    @Override
    public void committed(Conversation conversation, List<Event> events) {
        synchronized (told) {
            told.add(new Told(conversation, events));
        }
    }

    /** All that it was told, in order. */
    public List<Told> told() {
        synchronized (told) {
            return List.copyOf(told);
        }
    }

    /** The types of all events that it was told of, in order. */
    public List<EventType> types() {
        return told().stream()
                .flatMap(one -> one.events().stream())
                .map(Event::type)
                .toList();
    }
}
