package dev.handoff.memory;

import java.time.Instant;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Things by the moment at which they are due, the earliest first; among equals, the one that was put in first. */
final class DueIndex<T> {

    private record Place(Instant due, long order) {}

    private final NavigableMap<Place, T> things =
            new TreeMap<>(Comparator.comparing(Place::due).thenComparingLong(Place::order));
    private final Map<T, Place> places = new IdentityHashMap<>();
    private long lastOrder;

    void put(T thing, Instant due) {
        Place present = places.get(thing);
        if (present != null && present.due().equals(due)) {
            return;
        }
        remove(thing);
        Place place = new Place(due, ++lastOrder);
        places.put(thing, place);
        things.put(place, thing);
    }

    void remove(T thing) {
        Place place = places.remove(thing);
        if (place != null) {
            things.remove(place);
        }
    }

    /** A copy: the caller may change the index while it walks through. */
    List<T> dueBy(Instant now, int limit) {
        return dueBy(now).limit(Math.max(0, limit)).toList();
    }

    /** As it is: the caller changes nothing while it walks through. */
    Stream<T> dueBy(Instant now) {
        return things.headMap(new Place(now, Long.MAX_VALUE), true).values().stream();
    }

    Stream<T> inOrder() {
        return things.values().stream();
    }
}
