package dev.handoff.customer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "chat",
        description = {
            "Sends each line of the standard input as a text; ends with the input.",
            "With --listen it also plays Twilio's API on that port and prints what the host sends. Start the host with "
                    + "TWILIO_API_BASE_URL=http://localhost:PORT and the account and token that are used here."
        },
        footer = {
            "%nExamples:",
            "  handoff-customer chat --listen 9100",
            "  handoff-customer chat --listen 9100 --reports sent,delivered,read --name Ana",
            "  printf 'oi\\nquero um atendente\\n' | handoff-customer chat --listen 9100 --linger 5"
        })
final class ChatCommand implements Callable<Integer> {

    @Mixin
    private final TargetOptions target = new TargetOptions();

    @Option(
            names = "--listen",
            paramLabel = "PORT",
            description = "Play Twilio's API on this loopback port; 0: a free one")
    private @Nullable Integer port;

    @Option(
            names = "--reports",
            split = ",",
            paramLabel = "STATUS",
            description = "With --listen: the statuses that each message of the host's takes (default: sent,delivered)")
    private List<String> reports = List.of("sent", "delivered");

    @Option(
            names = "--linger",
            paramLabel = "SECONDS",
            description = "With --listen: how long the host must be silent after the input's end (default: 2)")
    private int lingerSeconds = 2;

    private final Terminal terminal;

    ChatCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Deployment host = target.deployment();
        HostClient client = target.client();
        if (port == null) {
            return exitCode(talk(host, client));
        }
        try (HostVoice voice = listen(port, host, client)) {
            terminal.out().println("Start the host with TWILIO_API_BASE_URL=" + voice.baseUrl());
            boolean taken = talk(host, client);
            voice.awaitSilence(Duration.ofSeconds(lingerSeconds));
            return exitCode(taken && voice.reportsTaken());
        }
    }

    private HostVoice listen(int wanted, Deployment host, HostClient client) {
        if (wanted < 0 || wanted > 65_535 || lingerSeconds < 0) {
            throw target.usage("--listen must be a port, and --linger not negative");
        }
        try {
            return new HostVoice(wanted, host, target.customer(), client, reports, terminal);
        } catch (UncheckedIOException e) {
            throw target.usage("--listen " + wanted + ": " + e.getMessage());
        }
    }

    /** Whether the host has taken every line. */
    private boolean talk(Deployment host, HostClient client) throws IOException, InterruptedException {
        Customer customer = target.customer();
        boolean taken = true;
        for (String line = terminal.in().readLine();
                line != null;
                line = terminal.in().readLine()) {
            if (!line.isBlank()) {
                Form form = customer.text(line);
                Outcome outcome = new Planned(host.message(Label.of("text", line, form), form), Expectation.TAKEN)
                        .sendWith(client);
                terminal.out().println(outcome.line());
                taken &= outcome.asExpected();
            }
        }
        return taken;
    }

    private static int exitCode(boolean asExpected) {
        return asExpected ? ExitCode.AS_EXPECTED : ExitCode.OTHERWISE;
    }
}
