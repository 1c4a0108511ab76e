package dev.handoff.store;

import dev.handoff.model.MessageId;
import java.util.List;

/** What became of one change set. */
public sealed interface CommitResult {

    /**
     * It is kept.
     *
     * @param inFlight where control changed: bot messages that had their permit already, read after the fence in the
     *     same transaction
     */
    record Committed(List<MessageId> inFlight) implements CommitResult {}

    /** Somebody was faster; decide again on a fresh snapshot. */
    record Conflict() implements CommitResult {}

    /**
     * Somebody else is changing what this needs and holds its lock; nothing is kept. Whoever can wait submits it again by
     * {@link ConversationStore#commitPatiently}.
     */
    record Busy() implements CommitResult {}

    /** It, or another with the same once-key, was committed before. */
    record AlreadyDone(Prior prior) implements CommitResult {}

    /** An agent holds as many conversations as they may. */
    record CapacityReached(String agentId, int capacity) implements CommitResult {}
}
