package dev.handoff.runner;

import dev.handoff.model.HandoffException;
import dev.handoff.runner.settings.AgentAccount;
import dev.handoff.runner.settings.RunnerSettings;
import dev.handoff.runner.settings.SettingsException;
import dev.handoff.runner.storage.JdbcStorage;
import dev.handoff.runner.storage.Storage;
import io.javalin.util.JavalinBindException;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the service from the command line. Exit codes: 2 for wrong settings, 1 for a start that failed. */
public final class RunnerApp {
    private static final Logger log = LoggerFactory.getLogger(RunnerApp.class);
    private static final int WRONG_SETTINGS = 2;
    private static final int START_FAILED = 1;

    /** Then whoever starts processes may start another, which may find another database. */
    private static final Duration PATIENCE_WITH_DATABASE = Duration.ofMinutes(5);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private RunnerApp() {}

    public static void main(String[] args) {
        RunnerSettings settings;
        try {
            settings = RunnerSettings.from(System.getenv());
        } catch (SettingsException e) {
            System.err.println(e.getMessage());
            System.exit(WRONG_SETTINGS);
            return;
        }
        settings.warnings().forEach(log::warn);
        try {
            run(settings);
        } catch (JavalinBindException | HandoffException e) {
            log.error("The service could not be started: {}", e.getMessage());
            System.exit(START_FAILED);
        } catch (InterruptedException | RuntimeException e) {
            log.error("The service could not be started: {}", e.getMessage(), e);
            System.exit(START_FAILED);
        }
    }

    private static void run(RunnerSettings settings) throws InterruptedException {
        log.info("Starting with {} on {}", settings.twilio() == null ? "the simulator" : "Twilio", settings.database());
        Runner runner = new Runner(settings, new JdbcStorage(settings.database()));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(runner), "shutdown"));
        runner.listen();
        log.info("Listening on {}:{}", settings.host(), runner.port());
        serveOnceDatabaseIsThere(runner);
        log.info("Ready");
        if (settings.demoAgents()) {
            printDemo(settings, runner.port());
        }
    }

    private static void serveOnceDatabaseIsThere(Runner runner) throws InterruptedException {
        long giveUp = System.nanoTime() + PATIENCE_WITH_DATABASE.toNanos();
        Duration pause = Duration.ofMillis(500);
        while (true) {
            try {
                runner.serve();
                return;
            } catch (Storage.NotYetException e) {
                if (System.nanoTime() > giveUp) {
                    throw new HandoffException(
                            "no database after " + PATIENCE_WITH_DATABASE.toMinutes() + " minutes", e);
                }
                log.warn("No database yet, trying again in {} ms: {}", pause.toMillis(), e.getMessage());
                Thread.sleep(pause.toMillis());
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        }
    }

    private static void stop(Runner runner) {
        log.info("Stopping");
        runner.close();
        log.info("Stopped");
    }

    /** Straight to the terminal, past the log: these links carry tokens. */
    private static void printDemo(RunnerSettings settings, int port) {
        String base = settings.localUrl(port);
        System.out.println();
        System.out.println("Demo agents for this run (set HANDOFF_AGENTS to name your own):");
        for (AgentAccount agent : settings.agents()) {
            System.out.printf(
                    "  %-4s %-11s %s/#token=%s%n",
                    agent.id(), agent.role().name().toLowerCase(Locale.ROOT), base, agent.token());
        }
        if (settings.twilio() == null) {
            System.out.println("Play the customer:");
            System.out.printf(
                    "  %s/customer#token=%s%n", base, settings.agents().get(0).token());
        }
        System.out.println();
    }
}
