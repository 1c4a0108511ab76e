package dev.handoff.testing;

import dev.handoff.channel.InboundMessage;
import dev.handoff.model.Content;
import dev.handoff.model.Conversation;
import dev.handoff.model.Message;
import dev.handoff.model.Tenant;
import dev.handoff.store.History;
import java.util.List;
import java.util.Map;

/** A customer of a {@link HandoffTestKit}. */
public final class FakeCustomer {
    private final HandoffTestKit kit;
    private final String address;

    FakeCustomer(HandoffTestKit kit, String address) {
        this.kit = kit;
        this.address = address;
    }

    /** Writes, and lets everything happen that follows at once. */
    public FakeCustomer says(String text) {
        writes(text);
        kit.settle();
        return this;
    }

    /** Writes, and lets nothing happen yet: for bursts. */
    public FakeCustomer writes(String text) {
        kit.handoff()
                .receive(new InboundMessage(
                        kit.address(address), kit.nextProviderId(), Content.text(text), null, Map.of()));
        return this;
    }

    /** The texts that reached the customer, in order. */
    public List<String> hears() {
        return kit.channel().heardBy(address);
    }

    /** The customer's latest conversation. */
    public Conversation conversation() {
        List<Conversation> latest = conversations();
        if (latest.isEmpty()) {
            throw new IllegalStateException("customer " + address + " has not written yet");
        }
        return latest.get(0);
    }

    /** All the customer's conversations, latest first. */
    public List<Conversation> conversations() {
        return kit.handoff()
                .history()
                .conversations(new History.Query(Tenant.DEFAULT, null, null, null, address, 100, null))
                .items();
    }

    /** The whole history of the latest conversation, suppressed messages and notes included. */
    public List<Message> history() {
        return kit.handoff().history().messages(conversation().id(), 0, 10_000);
    }
}
