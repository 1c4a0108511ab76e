package dev.handoff.webchat.host;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the host from the command line. Exit codes: 2 for wrong settings, 1 for a start that failed. */
public final class WebChatApp {
    private static final Logger log = LoggerFactory.getLogger(WebChatApp.class);
    private static final int WRONG_SETTINGS = 2;
    private static final int START_FAILED = 1;

    private WebChatApp() {}

    public static void main(String[] args) {
        HostSettings settings;
        try {
            settings = HostSettings.from(System.getenv());
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(WRONG_SETTINGS);
            return;
        }
        try {
            log.info("Starting {}", settings);
            WebChatHost host = new WebChatHost(settings);
            Runtime.getRuntime().addShutdownHook(new Thread(host::close, "shutdown"));
            host.start();
            log.info("Ready on port {}", host.port());
            if (settings.demo()) {
                printDemo(settings, host.port());
            }
        } catch (RuntimeException e) {
            log.error("The host could not be started: {}", e.getMessage(), e);
            System.exit(START_FAILED);
        }
    }

    /** Straight to the terminal, past the log: this carries a token. */
    private static void printDemo(HostSettings settings, int port) {
        String base = "http://" + settings.host() + ":" + port;
        System.out.printf("""

                A page with the chat:  %s/
                The agent's side (set WEBCHAT_AGENT_TOKEN to choose the token):

                  agent() { curl -s -H 'Authorization: Bearer %s' "%s/agent/conversations$1" "${@:2}"; }
                  agent                                        # who is there
                  agent /ID/takeover -X POST
                  agent /ID/reply -d 'Oi, aqui é a Ana.'
                  agent /ID/release -X POST

                """, base, settings.agentToken(), base);
    }
}
