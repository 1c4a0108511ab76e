package dev.handoff.customer;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "text",
        description = "Sends one text.",
        footer = {
            "%nExamples:",
            "  handoff-customer text 'quero falar com um atendente'",
            "  handoff-customer text --from whatsapp:+12025550147 --name 'João' oi",
            "  handoff-customer text --url http://10.0.0.7:7070/webhooks/twilio --public-url https://bot.example.com oi"
        })
final class TextCommand extends SendingCommand {

    @Parameters(paramLabel = "TEXT", description = "What the customer writes")
    private String text = "";

    TextCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    List<Planned> plan(Deployment host, Customer customer) {
        Form form = customer.text(text);
        return List.of(new Planned(host.message(Label.of("text", text, form), form), Expectation.TAKEN));
    }
}
