package dev.handoff.testing;

import dev.handoff.Handoff;
import dev.handoff.HandoffBuilder;
import dev.handoff.bot.Bot;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.model.Agent;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.Tenant;
import dev.handoff.policy.HandoffPolicy;
import dev.handoff.store.ConversationStore;
import java.time.Duration;
import java.util.function.UnaryOperator;

/**
 * A whole handoff in one thread, for a host's unit tests: no server, no database, no sleep. Time stands still until
 * {@link #advance} moves it, and whatever is due then happens before it returns.
 *
 * <p>Confined to one thread.
 */
public final class HandoffTestKit implements AutoCloseable {
    /** The inbox to which the kit's customers write. */
    public static final String INBOX = "test:inbox";

    private static final String CHANNEL = "fake";
    private static final int STEPS_OF_A_LONG_TIME = 2_000;
    private static final int MOST_ROUNDS = 10_000;

    private final ManualTime time = new ManualTime();
    private final FakeChannel channel = new FakeChannel(CHANNEL);
    private final ConversationStore store = new InMemoryConversationStore(time);
    private final Handoff handoff;
    private long inbound;

    private HandoffTestKit(UnaryOperator<HandoffBuilder> settings) {
        this.handoff = settings.apply(Handoff.builder()
                        .store(store)
                        .channel(channel)
                        // The pace counts real time, which has no place in a test that stands still.
                        .outbound(OutboundSettings.defaults().pace(1e9, 1e9)))
                .build();
    }

    /** A kit with this bot and policy, and the defaults for the rest. */
    public static HandoffTestKit with(Bot bot, HandoffPolicy policy) {
        return configured(builder -> builder.bot(bot).policy(policy));
    }

    /** A kit with any settings; store, channel and an unlimited pace are set already, the bot is not. */
    public static HandoffTestKit configured(UnaryOperator<HandoffBuilder> settings) {
        return new HandoffTestKit(settings);
    }

    /** A customer at this address. */
    public FakeCustomer customer(String address) {
        return new FakeCustomer(this, address);
    }

    /** An agent with the default capacity. */
    public FakeAgent agent(String id) {
        return agent(Agent.agent(id));
    }

    /** A supervisor. */
    public FakeAgent supervisor(String id) {
        return agent(Agent.supervisor(id));
    }

    /** Any agent. */
    public FakeAgent agent(Agent agent) {
        handoff.roster().register(agent);
        return new FakeAgent(this, agent);
    }

    /** Lets time pass, and everything happen that falls due on the way. */
    public HandoffTestKit advance(Duration by) {
        Duration step = by.dividedBy(STEPS_OF_A_LONG_TIME);
        if (step.compareTo(Duration.ofSeconds(1)) < 0) {
            step = Duration.ofSeconds(1);
        }
        Duration left = by;
        while (left.compareTo(step) > 0) {
            time.advance(step);
            settle();
            left = left.minus(step);
        }
        time.advance(left);
        settle();
        return this;
    }

    /** Lets everything happen that is due now. The kit's customers and agents do this themselves. */
    public HandoffTestKit settle() {
        for (int round = 0; round < MOST_ROUNDS; round++) {
            int done = handoff.sweepDeadlinesOnce()
                    + handoff.runBotTurnsOnce()
                    + handoff.dispatchOutboundOnce()
                    + handoff.resolveUnknownOnce()
                    + handoff.askAboutSilentOnce()
                    + handoff.sequenceFeedOnce();
            if (done == 0) {
                return this;
            }
        }
        throw new IllegalStateException("after " + MOST_ROUNDS + " rounds there is still something to do: does the bot"
                + " answer itself, or a send go on for ever?");
    }

    /** The library under test. */
    public Handoff handoff() {
        return handoff;
    }

    /** The channel, to script what sends come to. */
    public FakeChannel channel() {
        return channel;
    }

    /** The clock. */
    public ManualTime time() {
        return time;
    }

    @Override
    public void close() {
        handoff.close();
    }

    String nextProviderId() {
        inbound++;
        return "in-" + inbound;
    }

    ConversationAddress address(String customer) {
        return new ConversationAddress(Tenant.DEFAULT, CHANNEL, INBOX, customer);
    }
}
