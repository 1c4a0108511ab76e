package dev.handoff.machine;

import dev.handoff.model.Conversation;
import dev.handoff.model.Event;
import dev.handoff.model.Message;
import java.util.List;

/** What a command comes to. */
public sealed interface Decision {

    /**
     * Legal: this is to be committed.
     *
     * @param next the conversation afterwards, one version up
     * @param messages what is added to the history, in order; the QUEUED ones are to be sent
     * @param events what happened, in order
     * @param controlChanged whether the epoch rises with this
     */
    record Accepted(Conversation next, List<Message> messages, List<Event> events, boolean controlChanged)
            implements Decision {
        public Accepted {
            messages = List.copyOf(messages);
            events = List.copyOf(events);
        }
    }

    /** What is asked for holds already: fine, and nothing changes. */
    record Unchanged() implements Decision {}

    /** Refused. */
    record Rejected(Rejection reason) implements Decision {}
}
