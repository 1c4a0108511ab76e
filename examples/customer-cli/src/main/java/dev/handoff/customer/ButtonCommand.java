package dev.handoff.customer;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "button",
        description = "Taps on a button of an earlier message.",
        footer = {
            "%nExamples:",
            "  handoff-customer button Confirmar confirm:1",
            "  handoff-customer button --replies-to MM8e3b5272d2e0047f8531683dbcddf292 Confirmar confirm:1"
        })
final class ButtonCommand extends SendingCommand {

    @Parameters(index = "0", paramLabel = "TEXT", description = "What the button says")
    private String text = "";

    @Parameters(index = "1", paramLabel = "PAYLOAD", description = "What it stands for")
    private String payload = "";

    @Option(names = "--replies-to", paramLabel = "SID", description = "The message that had the button")
    private @Nullable String repliesTo;

    ButtonCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    List<Planned> plan(Deployment host, Customer customer) {
        Form form = customer.button(text, payload, repliesTo);
        return List.of(new Planned(host.message(Label.of("button", text, form), form), Expectation.TAKEN));
    }
}
