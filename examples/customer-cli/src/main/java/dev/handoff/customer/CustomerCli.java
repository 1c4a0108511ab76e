package dev.handoff.customer;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;

/** Plays the customer against a running host that speaks Twilio's webhooks. */
@Command(
        name = "handoff-customer",
        description = {
            "Plays the customer, and Twilio, against a running host: sends signed webhooks and says how they are answered.",
            "One line a request: what was sent, the answer's status and body, and the milliseconds.",
            "%nThe examples take it that: alias handoff-customer='java -jar handoff-customer.jar'"
        },
        footer = {
            "%nHelp on a command: handoff-customer COMMAND --help",
            "%nEnvironment:",
            "  TWILIO_AUTH_TOKEN   the account's auth token, in place of --token",
            "  TWILIO_ACCOUNT_SID  the account, in place of --account",
            "%nExit code: 0 all answers as expected, 1 some otherwise or none at all, 2 wrong usage"
        })
public final class CustomerCli {

    private CustomerCli() {}

    /** Runs one command; {@code --help} lists them. Ends the process with 0, 1 or 2. */
    public static void main(String[] args) {
        System.exit(run(Terminal.ofProcess(), args));
    }

    static int run(Terminal terminal, String... args) {
        CommandLine cli = new CommandLine(new CustomerCli());
        cli.getCommandSpec()
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .scopeType(ScopeType.INHERIT)
                        .description("Show this help and end")
                        .build());
        return cli.addSubcommand(new TextCommand(terminal))
                .addSubcommand(new MediaCommand(terminal))
                .addSubcommand(new LocationCommand(terminal))
                .addSubcommand(new ButtonCommand(terminal))
                .addSubcommand(new BurstCommand(terminal))
                .addSubcommand(new DuplicateCommand(terminal))
                .addSubcommand(new StatusCommand(terminal))
                .addSubcommand(new BadCommand(terminal))
                .addSubcommand(new ChatCommand(terminal))
                .addSubcommand(new CheckCommand(terminal))
                .setOut(terminal.out())
                .setErr(terminal.err())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setDefaultValueProvider(new EnvironmentDefaults(terminal.environment()))
                .execute(args);
    }
}
