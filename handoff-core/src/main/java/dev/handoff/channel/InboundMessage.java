package dev.handoff.channel;

import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a customer wrote, as the channel delivered it. NUL, which PostgreSQL cannot hold, is replaced by U+FFFD; nothing
 * else is changed.
 *
 * @param address where
 * @param providerMessageId the provider's name for the message: the key by which a duplicate is known, for ever
 * @param content what it says
 * @param customerName what the channel says the customer is called
 * @param fields every parameter that the channel delivered, in order
 */
public record InboundMessage(
        ConversationAddress address,
        String providerMessageId,
        Content content,
        @Nullable String customerName,
        Map<String, String> fields) {

    public InboundMessage {
        Objects.requireNonNull(address, "address");
        if (providerMessageId.isEmpty()) {
            throw new IllegalArgumentException(
                    "an inbound message needs its provider's id: without it a duplicate cannot be told");
        }
        address = new ConversationAddress(
                address.tenant(), address.channel(), clean(address.inbox()), clean(address.customer()));
        providerMessageId = clean(providerMessageId);
        customerName = customerName == null ? null : clean(customerName);
        Map<String, String> cleaned = new LinkedHashMap<>();
        fields.forEach((key, value) -> cleaned.put(clean(key), clean(value)));
        fields = Collections.unmodifiableMap(cleaned);
    }

    private static String clean(String value) {
        return value.replace('\0', '\uFFFD');
    }
}
