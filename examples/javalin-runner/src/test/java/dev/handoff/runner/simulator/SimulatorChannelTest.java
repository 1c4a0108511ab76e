package dev.handoff.runner.simulator;

import dev.handoff.channel.Channel;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.testkit.ChannelContract;
import dev.handoff.testkit.ChannelInFront;
import java.util.concurrent.atomic.AtomicInteger;

/** Its customers are a page of the console's, so that nothing can go wrong on the way to them. */
class SimulatorChannelTest extends ChannelContract {
    private final AtomicInteger sends = new AtomicInteger();

    @Override
    protected Channel newChannel() {
        return new ChannelInFront(new SimulatorChannel()) {
            @Override
            public SendResult send(OutboundMessage message) {
                sends.incrementAndGet();
                return super.send(message);
            }
        };
    }

    @Override
    protected boolean providerCan(ProviderBehaviour behaviour) {
        return behaviour == ProviderBehaviour.ACCEPTS;
    }

    @Override
    protected void providerWill(ProviderBehaviour behaviour) {
        // it accepts
    }

    @Override
    protected int sendsReceived() {
        return sends.get();
    }

    @Override
    protected boolean lookUpsCanBreak() {
        return false;
    }

    @Override
    protected void nextLookUpBreaks() {
        throw new UnsupportedOperationException("look-ups here are always answered");
    }
}
