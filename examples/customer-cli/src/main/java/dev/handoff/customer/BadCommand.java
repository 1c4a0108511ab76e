package dev.handoff.customer;

import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "bad",
        description = "Sends what the host has to refuse, and says whether it does.",
        footer = {
            "%nExamples:",
            "  handoff-customer bad",
            "  handoff-customer bad wrong-signature changed-body no-signature too-large garbage"
        })
final class BadCommand extends SendingCommand {

    @Parameters(
            arity = "0..*",
            paramLabel = "KIND",
            description = "Which ones (default: all). One of ${COMPLETION-CANDIDATES}")
    private List<BadRequest> kinds = Arrays.asList(BadRequest.values());

    BadCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    List<Planned> plan(Deployment host, Customer customer) {
        return kinds.stream().map(kind -> kind.planned(host, customer)).toList();
    }
}
