package dev.handoff.memory;

import dev.handoff.model.ConversationAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All attempts by token and, once bound, by the provider's id. Guarded by the store's lock. */
final class Attempts {

    private record Token(String tenant, UUID value) {}

    private record ProviderId(String tenant, String channel, String value) {}

    private record Recipient(String tenant, String channel, String customer) {
        static Recipient of(ConversationAddress address) {
            return new Recipient(address.tenant(), address.channel(), address.customer());
        }
    }

    private final Map<Token, Attempt> byToken = new HashMap<>();
    private final Map<ProviderId, Attempt> byProviderId = new HashMap<>();
    private final Map<Recipient, Set<Attempt>> bound = new HashMap<>();

    void begin(OutboxRow row, Instant now) {
        Attempt attempt = new Attempt(row, ++row.attempts, now);
        byToken.put(new Token(row.address.tenant(), attempt.token), attempt);
        row.attempt = attempt;
    }

    @Nullable
    Attempt find(String tenant, UUID token) {
        return byToken.get(new Token(tenant, token));
    }

    @Nullable
    Attempt find(String tenant, String channel, String providerMessageId) {
        return byProviderId.get(new ProviderId(tenant, channel, providerMessageId));
    }

    /** Keeps the provider's id of an attempt, unless it has one or another attempt has this one. */
    void bind(Attempt attempt, String providerMessageId) {
        ConversationAddress address = attempt.row.address;
        ProviderId id = new ProviderId(address.tenant(), address.channel(), providerMessageId);
        if (attempt.providerMessageId == null && byProviderId.putIfAbsent(id, attempt) == null) {
            attempt.providerMessageId = providerMessageId;
            bound.computeIfAbsent(Recipient.of(address), recipient -> new LinkedHashSet<>())
                    .add(attempt);
        }
    }

    /** Whether the provider's message is known to be another attempt's. */
    boolean belongsToAnother(Attempt attempt, String providerMessageId) {
        ConversationAddress address = attempt.row.address;
        Attempt owner = find(address.tenant(), address.channel(), providerMessageId);
        return owner != null && owner != attempt;
    }

    /** Provider ids that belong to others than this attempt, to the same customer. */
    Set<String> boundElsewhere(Attempt attempt) {
        return bound.getOrDefault(Recipient.of(attempt.row.address), Set.of()).stream()
                .filter(other -> other != attempt)
                .map(other -> other.providerMessageId)
                .collect(Collectors.toUnmodifiableSet());
    }
}
