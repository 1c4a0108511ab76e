package dev.handoff.channel;

import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.StorableText;
import dev.handoff.model.Structured;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a customer wrote, as the channel delivered it. What cannot be stored is replaced ({@link StorableText}); nothing
 * else is changed.
 *
 * @param address where
 * @param providerMessageId the provider's name for the message: the key by which a duplicate is known, for ever
 * @param content what it says
 * @param customerName what the channel says the customer is called
 * @param fields every parameter that the channel delivered, in order, and what {@link #with} has added
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
                address.tenant(),
                address.channel(),
                StorableText.of(address.inbox()),
                StorableText.of(address.customer()));
        providerMessageId = StorableText.of(providerMessageId);
        customerName = customerName == null ? null : StorableText.of(customerName);
        Map<String, String> storable = new LinkedHashMap<>();
        fields.forEach((key, value) -> storable.put(StorableText.of(key), StorableText.of(value)));
        fields = Collections.unmodifiableMap(storable);
    }

    /** The same message, and what is structured in it among its fields; channels translate their provider's words so. */
    public InboundMessage with(List<Structured> structured) {
        return new InboundMessage(
                address, providerMessageId, content, customerName, Structured.joined(fields, structured));
    }
}
