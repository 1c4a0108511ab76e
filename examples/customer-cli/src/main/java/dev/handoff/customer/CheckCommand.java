package dev.handoff.customer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "check",
        description = {
            "Holds a deployment to the whole contract of the webhooks: what it has to take, and what it has to refuse.",
            "It leaves some test messages in conversations of --from, of whatsapp:BR.1A2B3C4D5E and with "
                    + "whatsapp:+12025550199, which the host's bot will answer: for deployments under test."
        },
        footer = {
            "%nExamples:",
            "  handoff-customer check",
            "  handoff-customer check --url http://10.0.0.7:7070/webhooks/twilio --public-url https://bot.example.com"
        })
final class CheckCommand implements Callable<Integer> {

    @Mixin
    private final TargetOptions target = new TargetOptions();

    private final Terminal terminal;

    CheckCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        Deployment host = target.deployment();
        HostClient client = target.client();
        ResultTable table = new ResultTable(terminal.out());
        table.section("has to be taken");
        for (Planned planned : Acceptances.of(host, target.customer())) {
            table.row(planned.sendWith(client));
        }
        table.section("has to be refused");
        for (Planned planned : refusals(host)) {
            table.row(planned.sendWith(client));
        }
        return table.total();
    }

    /** And at the end a right one again: nobody is locked out by what strangers send. */
    private List<Planned> refusals(Deployment host) {
        List<Planned> planned = new ArrayList<>();
        for (BadRequest bad : BadRequest.values()) {
            planned.add(bad.planned(host, target.customer()));
        }
        Delivery right = host.message(
                "but after all these a right message is taken",
                target.customer().text("still here?"));
        planned.add(new Planned(right, Expectation.STORED));
        return planned;
    }
}
