package dev.handoff.simulation;

import dev.handoff.channel.Channel;
import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The messaging provider: what it has taken is what customers see, whatever anybody was told. */
final class Provider {
    static final String CHANNEL = "provider";

    /** The channel's own time-out; the outbound lease is longer than the permit and this together. */
    private static final Duration TIME_OUT = Duration.ofSeconds(10);

    /** How far the provider's clock and the database's may be apart. */
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

    private final World world;
    private final Map<String, Taken> taken = new LinkedHashMap<>();
    private final List<DeliveryUpdate> reports = new ArrayList<>();
    private int names;

    private record Taken(OutboundMessage message, Instant at) {}

    Provider(World world) {
        this.world = world;
    }

    /** What the provider will report some day, in no order. */
    List<DeliveryUpdate> reports() {
        return reports;
    }

    /** The channel of one node. */
    Channel channelOf(Life life) {
        return new NodeChannel(life);
    }

    private String take(OutboundMessage message, boolean late) {
        String name = "SM" + ++names;
        taken.put(name, new Taken(message, world.now()));
        world.history.add(new Fact.Accepted(message, name, late));
        for (DeliveryStatus status : lifeOf(name)) {
            reports.add(new DeliveryUpdate(
                    message.address().tenant(),
                    CHANNEL,
                    message.id(),
                    message.attemptToken(),
                    name,
                    status,
                    status == DeliveryStatus.FAILED ? "30003" : null));
        }
        return name;
    }

    private List<DeliveryStatus> lifeOf(String name) {
        return switch (world.faults.which(4)) {
            case 1 -> List.of(DeliveryStatus.SENT, DeliveryStatus.FAILED);
            case 2 -> List.of(DeliveryStatus.QUEUED, DeliveryStatus.SENT);
            case 3 -> List.of();
            default -> List.of(DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ);
        };
    }

    private final class NodeChannel implements Channel {
        private final Life life;

        NodeChannel(Life life) {
            this.life = life;
        }

        @Override
        public String name() {
            return CHANNEL;
        }

        @Override
        public Optional<String> refuses(
                ConversationAddress address, Content content, @Nullable Instant lastInboundAt, Instant now) {
            return Optional.empty();
        }

        @Override
        public int maxTextLength() {
            return 1600;
        }

        @Override
        public SendResult send(OutboundMessage message) {
            pause();
            boolean late = world.isLate(message);
            world.history.add(new Fact.Requested(life.node, message, late));
            switch (world.faults.which(14)) {
                case 1:
                    return SendResult.Retry.because("429");
                case 2:
                    return new SendResult.Retry("503 before anything was read", Duration.ofSeconds(2), true);
                case 3:
                    world.history.add(new Fact.Refused(message, "21211"));
                    return new SendResult.Permanent("21211");
                case 4:
                    world.history.add(new Fact.Refused(message, "63016"));
                    return new SendResult.NeedsTemplate("63016");
                case 5:
                    return world.choices.oneIn(2)
                            ? new SendResult.Unreachable("refused")
                            : new SendResult.Unknown("the connection was cut before the request was read");
                case 6:
                    take(message, late);
                    return new SendResult.Unknown("the connection was cut after the request was taken");
                case 7:
                    take(message, late);
                    throw new IllegalStateException("the answer could not be read");
                case 8:
                    take(message, late);
                    world.die(life, "dies as the provider takes " + world.names.of(message.id()));
                    throw new NodeDied();
                case 9:
                    world.scheduler.sleep(TIME_OUT.toNanos() * (1 + world.choices.below(10)) / 11);
                    String slow = take(message, late || world.isLate(message));
                    pause();
                    return new SendResult.Sent(slow);
                case 10:
                    world.scheduler.spawnAfter(
                            "a request that the network kept", null, TIME_OUT.toNanos() * 3, () -> take(message, true));
                    world.scheduler.sleep(TIME_OUT.toNanos());
                    return new SendResult.Unknown("timed out");
                default:
                    String name = take(message, late);
                    pause();
                    return new SendResult.Sent(name);
            }
        }

        @Override
        public LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
            pause();
            if (world.faults.strike(6)) {
                return new LookupResult.Unclear("503");
            }
            for (Map.Entry<String, Taken> entry : taken.entrySet()) {
                OutboundMessage other = entry.getValue().message();
                if (!entry.getValue().at().isBefore(message.attemptedAt().minus(CLOCKS_DIFFER))
                        && other.address().equals(message.address())
                        && other.content().equals(message.content())
                        && !boundElsewhere.contains(entry.getKey())) {
                    return new LookupResult.Found(entry.getKey(), DeliveryStatus.SENT);
                }
            }
            return new LookupResult.NotFound();
        }

        private void pause() {
            world.scheduler.pause();
            if (life.over) {
                throw new NodeDied();
            }
        }
    }
}
