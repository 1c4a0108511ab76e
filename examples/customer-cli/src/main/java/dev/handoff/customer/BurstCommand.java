package dev.handoff.customer;

import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "burst",
        description = "Sends many texts of one customer as fast as the host takes them, numbered.",
        footer = {
            "%nExamples:",
            "  handoff-customer burst --count 10 'are you there?'",
            "  handoff-customer burst --count 200 --side-by-side 20 oi"
        })
final class BurstCommand extends SendingCommand {

    @Parameters(paramLabel = "TEXT", description = "What the customer writes; a number is added")
    private String text = "";

    @Option(names = "--count", paramLabel = "N", description = "How many (default: 5)")
    private int count = 5;

    @Option(
            names = "--side-by-side",
            paramLabel = "N",
            description = "How many at a time; more than one leaves their order to chance (default: 1)")
    private int sideBySide = 1;

    BurstCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    List<Planned> plan(Deployment host, Customer customer) {
        if (count < 1 || sideBySide < 1 || sideBySide > 200) {
            throw target().usage("--count must be 1 or more, and --side-by-side 1 to 200");
        }
        return IntStream.rangeClosed(1, count)
                .mapToObj(number -> {
                    String numbered = text + " " + number;
                    Form form = customer.text(numbered);
                    return new Planned(host.message(Label.of("text", numbered, form), form), Expectation.TAKEN);
                })
                .toList();
    }

    @Override
    int sideBySide() {
        return sideBySide;
    }
}
