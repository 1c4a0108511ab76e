package dev.handoff.memory;

import dev.handoff.store.SenderId;
import dev.handoff.store.SenderState;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** One sender: what is known of it, and the lines whose head may be sent. Guarded by the store's lock. */
final class SenderQueue {
    final SenderId id;
    SenderState state = SenderState.NEW;

    /** When it was last given permits. */
    Instant servedAt = Instant.EPOCH;

    /** What people and the library say goes before what bots say. */
    private final DueIndex<Line> first = new DueIndex<>();

    private final DueIndex<Line> then = new DueIndex<>();

    SenderQueue(SenderId id) {
        this.id = id;
    }

    /** Gives a line the place that its head has. */
    void place(Line line) {
        if (line.open.isEmpty() || !line.perhapsOut.isEmpty()) {
            first.remove(line);
            then.remove(line);
        } else if (line.head().isBots()) {
            first.remove(line);
            then.put(line, line.head().due);
        } else {
            then.remove(line);
            first.put(line, line.head().due);
        }
    }

    boolean hasSomethingDueBy(Instant now) {
        return waiting(now).findAny().isPresent();
    }

    List<Line> dueBy(Instant now, Predicate<Line> which, int limit) {
        return waiting(now).filter(which).limit(limit).toList();
    }

    private Stream<Line> waiting(Instant now) {
        return Stream.concat(first.dueBy(now), then.dueBy(now));
    }
}
