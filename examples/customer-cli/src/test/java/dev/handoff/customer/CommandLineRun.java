package dev.handoff.customer;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One run of the tool, as a shell would see it. */
record CommandLineRun(int exitCode, String out, String err) {

    static final Map<String, String> CREDENTIALS =
            Map.of("TWILIO_AUTH_TOKEN", LoopbackHost.TOKEN, "TWILIO_ACCOUNT_SID", LoopbackHost.ACCOUNT);

    /** With the host's own credentials in the environment. */
    static CommandLineRun against(LoopbackHost host, String... args) {
        List<String> all = new ArrayList<>(List.of(args[0], "--url", host.url()));
        all.addAll(List.of(args).subList(1, args.length));
        return of(CREDENTIALS, "", all.toArray(String[]::new));
    }

    static CommandLineRun of(Map<String, String> environment, String input, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = CustomerCli.run(terminal(new StringReader(input), out, err, environment), args);
        return new CommandLineRun(exitCode, out.toString(), err.toString());
    }

    static Terminal terminal(Reader in, StringWriter out, StringWriter err, Map<String, String> environment) {
        return new Terminal(
                new BufferedReader(in), new PrintWriter(out, true), new PrintWriter(err, true), environment);
    }

    List<String> lines() {
        return out.lines().toList();
    }
}
