package dev.handoff.runner.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.Channel;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.testkit.ChannelContract;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** It has no provider: whatever a provider does wrong is skipped, and what is left must hold. */
class SimulatorChannelTest extends ChannelContract {
    private final AtomicInteger sends = new AtomicInteger();

    @Override
    protected Channel newChannel() {
        sends.set(0);
        return new Counted(new SimulatorChannel());
    }

    @Override
    protected void providerWill(ProviderBehaviour behaviour) {
        assertThat(behaviour).isEqualTo(ProviderBehaviour.ACCEPTS);
    }

    @Override
    protected boolean providerCan(ProviderBehaviour behaviour) {
        return behaviour == ProviderBehaviour.ACCEPTS;
    }

    @Override
    protected int sendsReceived() {
        return sends.get();
    }

    @Override
    protected void nextLookUpBreaks() {
        Assumptions.abort("a look-up asks nobody, so that nobody can fail to answer");
    }

    @Test
    void it_takes_as_much_text_as_the_channel_that_it_stands_for_and_says_what_to_do_with_more() {
        Content longer = Content.text("👍".repeat(channel().maxTextLength() + 1));

        assertThat(channel().maxTextLength()).isEqualTo(1600);
        assertThat(channel().refuses(address(), longer, now(), now()))
                .hasValueSatisfying(why -> assertThat(why).contains("several messages"));
        assertThat(channel().refuses(address(), Content.text(" \n"), now(), now()))
                .hasValueSatisfying(why -> assertThat(why).contains("empty"));
    }

    private final class Counted implements Channel {
        private final SimulatorChannel simulator;

        Counted(SimulatorChannel simulator) {
            this.simulator = simulator;
        }

        @Override
        public SendResult send(OutboundMessage message) {
            sends.incrementAndGet();
            return simulator.send(message);
        }

        @Override
        public LookupResult lookUp(OutboundMessage message, Set<String> boundElsewhere) {
            return simulator.lookUp(message, boundElsewhere);
        }

        @Override
        public String name() {
            return simulator.name();
        }

        @Override
        public int maxTextLength() {
            return simulator.maxTextLength();
        }

        @Override
        public Optional<String> refuses(
                ConversationAddress address, Content content, @Nullable Instant lastInboundAt, Instant now) {
            return simulator.refuses(address, content, lastInboundAt, now);
        }
    }
}
