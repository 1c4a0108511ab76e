package dev.handoff.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One message of a conversation.
 *
 * @param id its name
 * @param owner who it is from
 * @param agentId which agent; null unless {@code owner} is {@link MessageOwner#AGENT}
 * @param direction which way it goes
 * @param content what it says
 * @param fields for inbound messages, every parameter that the channel delivered
 * @param providerMessageId the provider's name for it; null until known
 * @param delivery how far it has come; null unless outbound
 * @param error why it failed or why its outcome is unknown
 * @param epoch the control epoch in which it was said
 * @param createdAt when it was stored
 */
public record Message(
        MessageId id,
        MessageOwner owner,
        @Nullable String agentId,
        Direction direction,
        Content content,
        Map<String, String> fields,
        @Nullable String providerMessageId,
        @Nullable Delivery delivery,
        @Nullable String error,
        long epoch,
        Instant createdAt) {

    /** What the customer sent besides words and files, in any channel's message alike; empty for most. */
    public List<Structured> structured() {
        return Structured.in(fields);
    }

    /** What there is to read: the text or, where there is none, a place or a form in words. Empty if there is nothing. */
    public String words() {
        String text = content.text();
        return text != null && !text.isEmpty()
                ? text
                : structured().stream()
                        .map(Structured::words)
                        .filter(words -> !words.isEmpty())
                        .collect(Collectors.joining("\n"));
    }
}
