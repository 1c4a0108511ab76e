package dev.handoff.memory;

import dev.handoff.store.OnceKey;
import dev.handoff.store.Outcome;
import dev.handoff.store.Prior;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was done once. Guarded by the store's lock. */
final class OnceKeys {

    private record Key(String tenant, OnceKey.Kind kind, String key) {
        static Key of(OnceKey once) {
            return new Key(once.tenant(), once.kind(), once.key());
        }
    }

    private record Entry(Prior prior, Instant at) {}

    private final Map<Key, Entry> done = new HashMap<>();

    @Nullable
    Prior prior(@Nullable OnceKey once) {
        Entry entry = once == null ? null : done.get(Key.of(once));
        return entry == null ? null : entry.prior();
    }

    void remember(OnceKey once, Outcome outcome, Instant now) {
        done.put(Key.of(once), new Entry(new Prior(once.fingerprint(), outcome), now));
    }

    void forgetCommandsBefore(Instant moment) {
        done.entrySet()
                .removeIf(entry -> entry.getKey().kind() != OnceKey.Kind.INBOUND
                        && entry.getValue().at().isBefore(moment));
    }
}
