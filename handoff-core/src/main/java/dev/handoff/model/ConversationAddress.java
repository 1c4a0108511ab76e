package dev.handoff.model;

import java.util.Objects;

/**
 * Where a conversation takes place. Addresses are opaque: a WhatsApp customer who hides the number is
 * {@code whatsapp:BR.1A2B…}, so nothing here is parsed or normalised.
 *
 * @param tenant the tenant
 * @param channel the name of the channel, for example {@code twilio}
 * @param inbox our own address
 * @param customer the customer's address
 */
public record ConversationAddress(String tenant, String channel, String inbox, String customer) {
    public ConversationAddress {
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(channel, "channel");
        Objects.requireNonNull(inbox, "inbox");
        Objects.requireNonNull(customer, "customer");
    }
}
