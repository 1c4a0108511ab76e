package dev.handoff.runner;

import dev.handoff.Handoff;
import dev.handoff.HandoffBuilder;
import dev.handoff.bot.BotSettings;
import dev.handoff.channel.Channel;
import dev.handoff.model.Agent;
import dev.handoff.model.AgentRole;
import dev.handoff.model.Tenant;
import dev.handoff.policy.Notices;
import dev.handoff.runner.agents.AgentRoutes;
import dev.handoff.runner.agents.Bearer;
import dev.handoff.runner.bot.EchoBot;
import dev.handoff.runner.console.ConsoleRoutes;
import dev.handoff.runner.conversations.CommandRoutes;
import dev.handoff.runner.conversations.ConversationRoutes;
import dev.handoff.runner.conversations.OutboundRoutes;
import dev.handoff.runner.feed.FeedHub;
import dev.handoff.runner.feed.FeedRoutes;
import dev.handoff.runner.feed.FeedSource;
import dev.handoff.runner.http.Gate;
import dev.handoff.runner.http.HealthRoutes;
import dev.handoff.runner.http.Routes;
import dev.handoff.runner.http.RunnerServer;
import dev.handoff.runner.metrics.Metrics;
import dev.handoff.runner.metrics.MetricsRoutes;
import dev.handoff.runner.settings.AgentAccount;
import dev.handoff.runner.settings.RunnerSettings;
import dev.handoff.runner.settings.TwilioAccount;
import dev.handoff.runner.simulator.SimulatorChannel;
import dev.handoff.runner.simulator.SimulatorRoutes;
import dev.handoff.runner.storage.Storage;
import dev.handoff.runner.webhooks.MissedWebhooks;
import dev.handoff.runner.webhooks.TwilioRoutes;
import dev.handoff.store.StoreUnavailableException;
import dev.handoff.twilio.MissedMessages;
import dev.handoff.twilio.TwilioChannel;
import dev.handoff.twilio.TwilioSettings;
import dev.handoff.twilio.TwilioWebhooks;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole service, put together by hand. It listens as soon as it is started, and serves once the database is there:
 * until then {@code /readyz} and the API answer 503.
 */
public final class Runner implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Runner.class);
    private static final String TENANT = Tenant.DEFAULT;
    private static final Duration BOT_MARGIN = Duration.ofSeconds(30);

    private final List<Agent> agents;
    private final Storage storage;
    private final Handoff handoff;
    private final FeedHub feed;
    private final Gate gate = new Gate();
    private final @Nullable MissedWebhooks missed;
    private final RunnerServer server;

    public Runner(RunnerSettings settings, Storage storage) {
        this.agents = settings.agents().stream()
                .map(account -> agent(account, settings.agentCapacity()))
                .toList();
        this.storage = storage;
        Metrics metrics = new Metrics();
        TwilioSettings twilio = twilio(settings);
        this.handoff = handoff(settings, storage, metrics, twilio);
        FeedSource source = new TenantFeed(handoff, TENANT);
        this.feed = new FeedHub(source);
        InstantSource storeTime = () -> storage.store().now();
        this.missed = missed(settings, twilio, handoff, storeTime);
        List<Routes> routes = new ArrayList<>(List.of(
                new ConsoleRoutes(),
                new HealthRoutes(gate, handoff::isRunning, storage::answers),
                new MetricsRoutes(metrics, handoff, TENANT, storeTime, feed::clients, gate),
                new AgentRoutes(handoff),
                new ConversationRoutes(handoff, storeTime),
                new CommandRoutes(handoff),
                new OutboundRoutes(handoff),
                new FeedRoutes(source, feed, gate)));
        routes.add(
                twilio == null
                        ? new SimulatorRoutes(handoff)
                        : new TwilioRoutes(handoff, TwilioWebhooks.of(twilio), settings.publicUrl(), gate));
        this.server = new RunnerServer(
                settings.host(), settings.port(), bearer(settings, agents), gate, metrics::answered, routes);
    }

    /** Listens, but does not serve yet. */
    public void listen() {
        server.start();
    }

    /**
     * Makes the database ready and begins to serve.
     *
     * @throws Storage.NotYetException when the database is not there; may be called again then
     */
    public void serve() {
        storage.prepare();
        try {
            agents.forEach(handoff.roster()::register);
            handoff.start();
        } catch (StoreUnavailableException goneAgain) {
            throw new Storage.NotYetException(String.valueOf(goneAgain.getMessage()), goneAgain);
        }
        handoff.onFeed(feed::hint);
        feed.start();
        if (missed != null) {
            missed.start();
        }
        gate.open();
    }

    /** The port that it listens on. */
    public int port() {
        return server.port();
    }

    /** In this order: says that it is not ready, takes leave of listeners, ends requests, then workers, then the pool. */
    @Override
    public void close() {
        gate.close();
        closeQuietly("feed", feed);
        closeQuietly("server", server);
        if (missed != null) {
            closeQuietly("look for missed webhooks", missed);
        }
        closeQuietly("library", handoff);
        closeQuietly("storage", storage);
    }

    private static void closeQuietly(String what, AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            log.warn("The {} did not close in order", what, e);
        }
    }

    private static Handoff handoff(
            RunnerSettings settings, Storage storage, Metrics metrics, @Nullable TwilioSettings twilio) {
        Channel channel = twilio == null ? new SimulatorChannel() : TwilioChannel.of(twilio);
        HandoffBuilder builder = Handoff.builder()
                .store(storage.store())
                .channel(metrics.timed(channel))
                .bot(new EchoBot(settings.botDelay()))
                .botSettings(
                        BotSettings.defaults().timeLimit(settings.botDelay().plus(BOT_MARGIN)))
                .deadlines(settings.deadlines())
                .outbound(settings.outbound())
                .sweepInterval(settings.sweepInterval())
                .notifier(metrics.notifier());
        if (!settings.notices()) {
            builder.notices(Notices.off());
        }
        return builder.build();
    }

    private static @Nullable TwilioSettings twilio(RunnerSettings settings) {
        if (settings.twilio() == null) {
            return null;
        }
        String publicUrl = settings.publicUrl();
        TwilioSettings.Builder twilio = TwilioSettings.builder()
                .tenant(TENANT)
                .accountSid(settings.twilio().accountSid())
                .authTokens(settings.twilio().authToken())
                .publicUrl(publicUrl != null ? publicUrl : settings.localUrl(settings.port()))
                .defaultFrom(settings.twilio().from());
        if (settings.twilio().apiBaseUrl() != null) {
            twilio.apiBaseUrl(settings.twilio().apiBaseUrl());
        }
        return twilio.build();
    }

    private static @Nullable MissedWebhooks missed(
            RunnerSettings settings, @Nullable TwilioSettings twilio, Handoff handoff, InstantSource time) {
        TwilioAccount account = settings.twilio();
        if (twilio == null
                || account == null
                || account.from() == null
                || account.missedInterval().isZero()) {
            return null;
        }
        return new MissedWebhooks(MissedMessages.of(twilio), handoff, account.from(), account.missedInterval(), time);
    }

    private static Agent agent(AgentAccount account, int capacity) {
        return new Agent(TENANT, account.id(), account.role(), account.role() == AgentRole.AGENT ? capacity : null);
    }

    private static Bearer bearer(RunnerSettings settings, List<Agent> agents) {
        List<Bearer.Credential> credentials = new ArrayList<>();
        for (int i = 0; i < agents.size(); i++) {
            credentials.add(new Bearer.Credential(
                    agents.get(i), settings.agents().get(i).token()));
        }
        return Bearer.of(credentials);
    }
}
