package dev.handoff.customer;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "media",
        description = "Sends one message with files, given by their URLs.",
        footer = {
            "%nExamples:",
            "  handoff-customer media https://example.com/receipt.jpg",
            "  handoff-customer media --caption 'both pages' https://example.com/1.pdf https://example.com/2.pdf"
        })
final class MediaCommand extends SendingCommand {

    @Parameters(arity = "1..10", paramLabel = "URL", description = "The files, ten at most")
    private List<String> urls = List.of();

    @Option(names = "--caption", paramLabel = "TEXT", description = "What the customer writes with them")
    private String caption = "";

    MediaCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    List<Planned> plan(Deployment host, Customer customer) {
        Form form = customer.media(caption, urls);
        String kind = urls.size() == 1 ? "1 file" : urls.size() + " files";
        return List.of(new Planned(host.message(Label.of(kind, caption, form), form), Expectation.TAKEN));
    }
}
