package dev.handoff.jdbi;

import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Conversation;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.store.ChangeSet;
import dev.handoff.store.CommitResult;
import dev.handoff.store.ConversationStore;
import dev.handoff.store.OnceKey;
import dev.handoff.testkit.Draft;
import java.util.List;

/** What the tests of this room speak of. */
final class Samples {
    static final String TENANT = "acme";

    private Samples() {}

    static ConversationAddress address(String customer) {
        return address(TENANT, customer);
    }

    static ConversationAddress address(String tenant, String customer) {
        return new ConversationAddress(tenant, "fake", "inbox:1", customer);
    }

    static Agent agent(String id, int capacity) {
        return new Agent(TENANT, id, AgentRole.AGENT, capacity);
    }

    static OnceKey inbound(String providerId) {
        return new OnceKey(TENANT, OnceKey.Kind.INBOUND, "fake:" + providerId, "");
    }

    static OnceKey command(ConversationId id, String commandId) {
        return OnceKey.command(id, commandId, "fingerprint");
    }

    static Conversation opened(ConversationStore store, String customer) {
        ChangeSet change =
                Draft.opening(address(customer), store.now()).hears("hello").done();
        if (!(store.commit(List.of(change)).get(0) instanceof CommitResult.Committed)) {
            throw new AssertionError("not opened: " + customer);
        }
        return change.next();
    }
}
