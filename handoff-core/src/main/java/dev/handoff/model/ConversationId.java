package dev.handoff.model;

import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** Names one conversation of one tenant. */
public record ConversationId(String tenant, UUID value) {
    public ConversationId {
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(value, "value");
    }

    /** Reads the text form that {@link #text()} gives; empty when the text is not one. */
    public static Optional<ConversationId> parse(String tenant, String text) {
        try {
            UUID value = UUID.fromString(text);
            // UUID.fromString also takes shortened groups ("1-1-1-1-1"): only the canonical form names a conversation.
            return value.toString().equals(text) ? Optional.of(new ConversationId(tenant, value)) : Optional.empty();
        } catch (IllegalArgumentException notAnId) {
            return Optional.empty();
        }
    }

    /** The id without its tenant, as shown to people and programs. */
    public String text() {
        return value.toString();
    }

    @Override
    public String toString() {
        return tenant + "/" + value;
    }
}
