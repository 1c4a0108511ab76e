package dev.handoff.runner.settings;

import dev.handoff.channel.OutboundSettings;
import dev.handoff.model.Agent;
import dev.handoff.policy.DeadlineAction;
import dev.handoff.policy.Deadlines;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that the operator may set. Immutable; the defaults stand in {@link #from}.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 for any free one
 * @param agents who may use the service
 * @param demoAgents whether {@code agents} were made up for a first look, so that their tokens are to be printed
 * @param publicUrl the base URL that Twilio calls and signs; null when nobody has said
 * @param twilio null without Twilio: then the channel is the simulator
 * @param agentCapacity how many conversations an agent may hold
 * @param notices whether customers are told that control changes hands
 * @param botDelay how long the demo bot thinks
 * @param warnings what looks wrong but does not stop the start
 */
public record RunnerSettings(
        String host,
        int port,
        DatabaseAddress database,
        List<AgentAccount> agents,
        boolean demoAgents,
        @Nullable String publicUrl,
        @Nullable TwilioAccount twilio,
        Deadlines deadlines,
        Duration sweepInterval,
        int agentCapacity,
        OutboundSettings outbound,
        boolean notices,
        Duration botDelay,
        List<String> warnings) {

    /** A database, and who we are there. */
    public record DatabaseAddress(String jdbcUrl, String user, String password) {
        /** Whether it is H2, which keeps its files beside this process. */
        public boolean isH2() {
            return jdbcUrl.startsWith("jdbc:h2:");
        }

        /** Without the password, also where it stands in the URL. */
        @Override
        public String toString() {
            return jdbcUrl.replaceAll("(?i)(password=)[^&;]*", "$1***");
        }
    }

    /** Where this machine finds the service that listens on a port. */
    public String localUrl(int listening) {
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + listening;
    }

    /**
     * Reads the settings.
     *
     * @throws SettingsException naming everything that is wrong
     */
    public static RunnerSettings from(Map<String, String> environment) {
        Variables variables = new Variables(environment);
        String host = variables.text("HANDOFF_HOST", "127.0.0.1");
        int port = variables.integer("HANDOFF_PORT", 7070, 0, 65_535);
        boolean loopback = isLoopback(host, variables);
        DatabaseAddress database = database(variables);
        String list = variables.optional("HANDOFF_AGENTS");
        if (list == null && !loopback) {
            variables.problem(
                    "HANDOFF_AGENTS",
                    "must name the agents (id:role:token,…) when HANDOFF_HOST is not a loopback address;"
                            + " demo agents are for this machine alone");
        }
        List<AgentAccount> agents = list == null ? AccountList.demo() : AccountList.parse(list, variables.problems());
        String publicUrl = variables.baseUrl("HANDOFF_PUBLIC_URL");
        TwilioAccount twilio = twilio(variables);
        Deadlines deadlines = deadlines(variables);
        OutboundSettings outbound = outbound(variables);
        Duration sweepInterval = variables.duration("HANDOFF_SWEEP_INTERVAL", Duration.ofSeconds(1), false);
        int capacity = variables.integer("HANDOFF_AGENT_CAPACITY", Agent.DEFAULT_CAPACITY, 1, 10_000);
        boolean notices = variables.onOrOff("HANDOFF_NOTICES", true);
        Duration botDelay = variables.duration("HANDOFF_BOT_DELAY", Duration.ZERO, true);
        if (!variables.problems().isEmpty()) {
            throw new SettingsException(variables.problems());
        }
        List<String> warnings = variables.unknown().stream()
                .map(name -> name + " is no setting of this service: is it misspelt?")
                .toList();
        return new RunnerSettings(
                host,
                port,
                database,
                agents,
                list == null,
                publicUrl,
                twilio,
                deadlines,
                sweepInterval,
                capacity,
                outbound,
                notices,
                botDelay,
                warnings);
    }

    private static boolean isLoopback(String host, Variables variables) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            variables.problem("HANDOFF_HOST", "'" + host + "' is no address of this machine that can be resolved");
            return true;
        }
    }

    private static DatabaseAddress database(Variables variables) {
        String url = variables.text("HANDOFF_JDBC_URL", "jdbc:h2:file:./data/handoff");
        boolean h2 = url.startsWith("jdbc:h2:");
        if (!h2 && !url.startsWith("jdbc:postgresql:")) {
            variables.problem("HANDOFF_JDBC_URL", "must begin with jdbc:postgresql: or jdbc:h2:");
        }
        String user = variables.text("HANDOFF_DB_USER", h2 ? "sa" : "");
        return new DatabaseAddress(url, user, variables.text("HANDOFF_DB_PASSWORD", ""));
    }

    private static @Nullable TwilioAccount twilio(Variables variables) {
        String sid = variables.optional("TWILIO_ACCOUNT_SID");
        String token = variables.optional("TWILIO_AUTH_TOKEN");
        String apiBaseUrl = variables.baseUrl("TWILIO_API_BASE_URL");
        String from = variables.optional("TWILIO_FROM");
        Duration missed = variables.duration("HANDOFF_MISSED_INTERVAL", Duration.ZERO, true);
        if (!missed.isZero() && from == null) {
            variables.problem(
                    "HANDOFF_MISSED_INTERVAL", "needs TWILIO_FROM: the inbox whose missed messages are looked for");
        }
        if (sid == null && token == null) {
            return null;
        }
        if (sid == null || token == null) {
            variables.problem(
                    sid == null ? "TWILIO_ACCOUNT_SID" : "TWILIO_AUTH_TOKEN",
                    "is missing while the other half of the Twilio credentials is set; set both, or neither for the"
                            + " simulator");
        }
        if (sid != null && !sid.matches("AC[0-9A-Za-z]+")) {
            // What is there instead may be the token.
            variables.problem("TWILIO_ACCOUNT_SID", "must be AC and letters or digits");
        }
        return sid == null || token == null ? null : new TwilioAccount(sid, token, apiBaseUrl, from, missed);
    }

    private static Deadlines deadlines(Variables variables) {
        Deadlines usual = Deadlines.defaults();
        return usual.customerSilent(variables.duration("HANDOFF_IDLE_TIMEOUT", usual.customerSilent(), false))
                .waiting(
                        variables.duration("HANDOFF_WAIT_TIMEOUT", usual.waiting(), false),
                        variables.choice(
                                "HANDOFF_WAIT_TIMEOUT_ACTION",
                                usual.waitingAction(),
                                List.of(DeadlineAction.RELEASE, DeadlineAction.ESCALATE)))
                .agentSilent(
                        variables.duration("HANDOFF_AGENT_TIMEOUT", usual.agentSilent(), false),
                        variables.choice(
                                "HANDOFF_AGENT_TIMEOUT_ACTION",
                                usual.agentSilentAction(),
                                List.of(DeadlineAction.values())));
    }

    private static OutboundSettings outbound(Variables variables) {
        OutboundSettings usual = OutboundSettings.defaults();
        return usual.attempts(
                        variables.integer("HANDOFF_OUTBOUND_MAX_ATTEMPTS", usual.maxAttempts(), 1, 1_000),
                        variables.duration("HANDOFF_RETRY_BASE", usual.retryBase(), false))
                .unknownWait(variables.duration("HANDOFF_UNKNOWN_WAIT", usual.unknownWait(), false))
                .pace(
                        variables.rate("HANDOFF_SENDER_RATE", usual.senderRate()),
                        variables.rate("HANDOFF_RECIPIENT_RATE", usual.recipientRate()));
    }
}
