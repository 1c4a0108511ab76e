package dev.handoff.customer;

import dev.handoff.customer.Deployment.Endpoint;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which host is called, and as whom: the options that all commands have. */
final class TargetOptions {

    private static final String DEFAULT_URL = "http://localhost:7070/webhooks/twilio";

    /** Of the numbers that are kept for fiction, so that a host with real credentials writes to nobody. */
    private static final String NOBODY = "whatsapp:+12025550123";

    /** The number of Twilio's WhatsApp sandbox. */
    private static final String SANDBOX = "whatsapp:+14155238886";

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The host's webhook for messages, as reached from here (default: " + DEFAULT_URL + ")")
    private String url = DEFAULT_URL;

    @Option(
            names = "--public-url",
            paramLabel = "URL",
            description = "The URL that is signed, when a proxy sits between: the one in Twilio's console. "
                    + "Without a path it takes that of --url (default: --url)")
    private @Nullable String publicUrl;

    @Option(
            names = "--status-path",
            paramLabel = "PATH",
            description = "What the webhook for status callbacks adds to the one for messages (default: /status)")
    private String statusPath = "/status";

    @Option(
            names = "--token",
            required = true,
            paramLabel = "TOKEN",
            description = "The account's auth token; better given in TWILIO_AUTH_TOKEN, where no process list shows it")
    private String token = "";

    @Option(
            names = "--account",
            required = true,
            paramLabel = "SID",
            description = "The account, AC…; or in TWILIO_ACCOUNT_SID")
    private String account = "";

    @Option(names = "--from", paramLabel = "ADDRESS", description = "The customer (default: " + NOBODY + ")")
    private String from = NOBODY;

    @Option(names = "--to", paramLabel = "ADDRESS", description = "The host's number (default: " + SANDBOX + ")")
    private String to = SANDBOX;

    @Option(names = "--name", paramLabel = "NAME", description = "The customer's name (default: Maria)")
    private String name = "Maria";

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "How long to wait for an answer (default: 15, as Twilio does)")
    private int timeoutSeconds = 15;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    Customer customer() {
        return new Customer(account, from, to, name.isEmpty() ? null : name);
    }

    String token() {
        return token;
    }

    HostClient client() {
        if (timeoutSeconds < 1) {
            throw usage("--timeout must be at least 1 second, not " + timeoutSeconds);
        }
        return new HostClient(Duration.ofSeconds(timeoutSeconds));
    }

    Deployment deployment() {
        if (token.isBlank() || account.isBlank()) {
            throw usage("--token and --account must not be blank");
        }
        URI actual = web("--url", url);
        String signed = actual.toString();
        if (publicUrl != null) {
            // In the console it may end with connection overrides, such as #rc=5&rp=all, which are not signed.
            String called = publicUrl.replaceFirst("#.*", "");
            URI given = web("--public-url", called);
            boolean bare = given.getRawPath().isEmpty() || given.getRawPath().equals("/");
            signed = bare ? called.replaceFirst("/$", "") + actual.getRawPath() : called;
        }
        return new Deployment(
                new Endpoint(actual, signed),
                new Endpoint(web("--url with --status-path", actual + statusPath), signed + statusPath),
                token);
    }

    /** A mistake in the command line: exit code 2. */
    ParameterException usage(String problem) {
        if (command == null) {
            throw new IllegalStateException("the options belong to no command");
        }
        return new ParameterException(command.commandLine(), problem);
    }

    private URI web(String option, String text) {
        try {
            URI uri = new URI(text);
            boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (web
                    && uri.getHost() != null
                    && uri.getPort() <= 65_535
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw usage(option + " is no URL: " + e.getMessage());
        }
        throw usage(option
                + " must be http:// or https:// with a host, any port up to 65535, no query and no fragment, not "
                + text);
    }
}
