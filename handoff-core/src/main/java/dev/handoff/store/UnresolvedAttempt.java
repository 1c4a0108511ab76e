package dev.handoff.store;

import dev.handoff.channel.OutboundMessage;
import java.util.Set;

/**
 * An attempt of which nobody knows whether it was sent.
 *
 * @param message the attempt
 * @param lookUps how many look-ups have found nothing before
 * @param boundElsewhere provider ids that belong to other attempts to reach the same customer, earlier ones at this
 *     message included
 */
public record UnresolvedAttempt(OutboundMessage message, int lookUps, Set<String> boundElsewhere) {}
