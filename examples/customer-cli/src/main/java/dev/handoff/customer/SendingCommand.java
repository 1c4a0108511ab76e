package dev.handoff.customer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Mixin;

/** A command that plans some deliveries, makes them and prints a line for each. */
abstract class SendingCommand implements Callable<Integer> {

    @Mixin
    private final TargetOptions target = new TargetOptions();

    private final Terminal terminal;

    SendingCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    abstract List<Planned> plan(Deployment host, Customer customer);

    /** How many deliveries are under way at a time. */
    int sideBySide() {
        return 1;
    }

    @Override
    public Integer call() throws InterruptedException {
        List<Planned> planned = plan(target.deployment(), target.customer());
        HostClient client = target.client();
        ExecutorService senders = Executors.newFixedThreadPool(sideBySide());
        try {
            List<Future<Outcome>> outcomes = new ArrayList<>();
            for (Planned next : planned) {
                outcomes.add(senders.submit(() -> next.sendWith(client)));
            }
            boolean allAsExpected = true;
            for (Future<Outcome> outcome : outcomes) {
                Outcome became = outcome.get();
                terminal.out().println(became.line());
                allAsExpected &= became.asExpected();
            }
            return allAsExpected ? ExitCode.AS_EXPECTED : ExitCode.OTHERWISE;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a delivery could not even be tried", e.getCause());
        } finally {
            senders.shutdownNow();
        }
    }

    /** The options, for what only the command can find wrong with them. */
    TargetOptions target() {
        return target;
    }
}
