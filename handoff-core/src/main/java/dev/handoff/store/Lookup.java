package dev.handoff.store;

import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import org.jspecify.annotations.Nullable;

/** Which conversation a decision is about. */
public sealed interface Lookup {

    /** The key under which the command may have been carried out before; null for none. */
    @Nullable
    OnceKey once();

    /** One conversation by its name. */
    record ById(ConversationId id, @Nullable OnceKey once) implements Lookup {}

    /** The one open conversation at an address (I10). */
    record ByAddress(ConversationAddress address, @Nullable OnceKey once) implements Lookup {}
}
