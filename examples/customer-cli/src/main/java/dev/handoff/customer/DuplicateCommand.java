package dev.handoff.customer;

import java.util.Collections;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "duplicate",
        description = {
            "Sends the same message, with the same MessageSid, more than once.",
            "Each delivery has to be answered alike; look into the conversation to see that it is there once."
        },
        footer = {
            "%nExamples:",
            "  handoff-customer duplicate 'only once, please'",
            "  handoff-customer duplicate --times 8 --at-once 'only once, please'"
        })
final class DuplicateCommand extends SendingCommand {

    @Parameters(paramLabel = "TEXT", description = "What the customer writes")
    private String text = "";

    @Option(names = "--times", paramLabel = "N", description = "How often (default: 2)")
    private int times = 2;

    @Option(names = "--at-once", description = "All at the same moment instead of one after the other")
    private boolean atOnce;

    DuplicateCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    List<Planned> plan(Deployment host, Customer customer) {
        if (times < 2 || times > 200) {
            throw target().usage("--times must be 2 to 200, not " + times);
        }
        Form form = customer.text(text);
        return Collections.nCopies(
                times, new Planned(host.message(Label.of("text", text, form), form), Expectation.TAKEN));
    }

    @Override
    int sideBySide() {
        return atOnce ? times : 1;
    }
}
