package dev.handoff;

import dev.handoff.bot.Bot;
import dev.handoff.bot.BotSettings;
import dev.handoff.channel.Channel;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.internal.Engine;
import dev.handoff.notify.Notifier;
import dev.handoff.policy.Deadlines;
import dev.handoff.policy.HandoffPolicies;
import dev.handoff.policy.HandoffPolicy;
import dev.handoff.policy.Notices;
import dev.handoff.store.ConversationStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects settings. {@link #build()} opens nothing, starts nothing, and reports all problems at once. */
public final class HandoffBuilder {
    private final List<Channel> channels = new ArrayList<>();
    private final List<Notifier> notifiers = new ArrayList<>();
    private @Nullable ConversationStore store;
    private @Nullable Bot bot;
    private HandoffPolicy policy =
            HandoffPolicies.firstOf(HandoffPolicies.customerAsksForHuman(), HandoffPolicies.botFailed(2));
    private Deadlines deadlines = Deadlines.defaults();
    private Notices notices = Notices.portuguese();
    private BotSettings botSettings = BotSettings.defaults();
    private OutboundSettings outbound = OutboundSettings.defaults();
    private Duration sweepInterval = Duration.ofSeconds(1);
    private Duration pollInterval = Duration.ofMillis(250);

    HandoffBuilder() {}

    /** Where conversations are kept. Required. */
    public HandoffBuilder store(ConversationStore newStore) {
        this.store = newStore;
        return this;
    }

    /** A way to reach customers. At least one is required; each has a name of its own. */
    public HandoffBuilder channel(Channel channel) {
        this.channels.add(channel);
        return this;
    }

    /** Who answers first. Required. */
    public HandoffBuilder bot(Bot newBot) {
        this.bot = newBot;
        return this;
    }

    /** When a human is called. By default when the customer asks for one, or the bot failed twice in a row. */
    public HandoffBuilder policy(HandoffPolicy newPolicy) {
        this.policy = newPolicy;
        return this;
    }

    /** How long anyone waits, and what happens then. {@link Deadlines#defaults()} by default. */
    public HandoffBuilder deadlines(Deadlines newDeadlines) {
        this.deadlines = newDeadlines;
        return this;
    }

    /** What the customer is told. {@link Notices#portuguese()} by default. */
    public HandoffBuilder notices(Notices newNotices) {
        this.notices = newNotices;
        return this;
    }

    /** Somebody to be told after each commit, best effort. None by default; may be called again for more. */
    public HandoffBuilder notifier(Notifier notifier) {
        this.notifiers.add(notifier);
        return this;
    }

    /** How the bot is called. {@link BotSettings#defaults()} by default. */
    public HandoffBuilder botSettings(BotSettings settings) {
        this.botSettings = settings;
        return this;
    }

    /** How messages are sent. {@link OutboundSettings#defaults()} by default. */
    public HandoffBuilder outbound(OutboundSettings settings) {
        this.outbound = settings;
        return this;
    }

    /** How often deadlines are looked at; 1 second by default. */
    public HandoffBuilder sweepInterval(Duration interval) {
        this.sweepInterval = interval;
        return this;
    }

    /**
     * How often each worker looks for work that another process has left; 250 ms by default. Work of this process is
     * begun at once, whatever this says.
     */
    public HandoffBuilder pollInterval(Duration interval) {
        this.pollInterval = interval;
        return this;
    }

    /**
     * Builds the library. Opens and starts nothing.
     *
     * @throws ConfigurationException naming everything that is missing or wrong
     */
    public Handoff build() {
        Problems problems = new Problems();
        if (store == null) {
            problems.add("store: is required, for example JdbiConversationStore.on(jdbi)");
        }
        if (bot == null) {
            problems.add("bot: is required, for example turn -> BotReply.text(assistant.answer(turn.text()))");
        }
        if (channels.isEmpty()) {
            problems.add("channel: at least one is required, for example TwilioChannel.of(settings)");
        }
        Map<String, Channel> byName = new LinkedHashMap<>();
        for (Channel channel : channels) {
            if (byName.put(channel.name(), channel) != null) {
                problems.add("channel: two are named '" + channel.name() + "'; each needs a name of its own");
            }
        }
        problems.addAll(deadlines.problems());
        problems.in(botSettings);
        problems.in(outbound);
        problems.positive("sweepInterval", sweepInterval);
        problems.positive("pollInterval", pollInterval);
        if (store == null || bot == null || problems.areFound()) {
            throw new ConfigurationException(problems.all());
        }
        return new EmbeddedHandoff(new Engine(new Engine.Settings(
                store,
                byName,
                bot,
                policy,
                deadlines,
                notices,
                List.copyOf(notifiers),
                botSettings,
                outbound,
                sweepInterval,
                pollInterval)));
    }
}
