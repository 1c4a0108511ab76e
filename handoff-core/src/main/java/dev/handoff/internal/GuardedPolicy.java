package dev.handoff.internal;

import dev.handoff.model.HandoffRequest;
import dev.handoff.policy.HandoffPolicy;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A host's policy whose failure is logged and taken as "no": it must not cost a customer's message. */
final class GuardedPolicy implements HandoffPolicy {
    private static final Logger log = LoggerFactory.getLogger(GuardedPolicy.class);

    private final HandoffPolicy policy;

    GuardedPolicy(HandoffPolicy policy) {
        this.policy = policy;
    }

    @Override
    public Optional<HandoffRequest> decide(Situation situation) {
        try {
            return Objects.requireNonNull(policy.decide(situation), "a policy answers Optional.empty(), never null");
        } catch (RuntimeException failed) {
            log.error(
                    "the handoff policy failed on conversation {}; taken as no",
                    situation.conversation().id(),
                    failed);
            return Optional.empty();
        }
    }
}
