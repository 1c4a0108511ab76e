package dev.handoff.runner.e2e;

import dev.handoff.twilio.testing.FakeTwilio;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

/** The runner in a process of its own, so that it can be killed. Closing it ends the process. */
final class RunnerProcess implements AutoCloseable {
    static final String PUBLIC_URL = "https://bot.example.com";
    static final String ANA = "token-of-ana-0000";
    static final String BIA = "token-of-bia-0000";
    static final String SAM = "token-of-sam-0000";

    /** Each is given once, from anywhere in the range, since another build may run beside this one. */
    private static final AtomicInteger PORTS = new AtomicInteger(new Random().nextInt(15_000, 31_000));

    private final Map<String, String> settings;
    private final int port;
    private final Path log;
    private volatile Process process;
    private boolean ended;

    private RunnerProcess(Map<String, String> settings, int port, Path log, Process process) {
        this.settings = settings;
        this.port = port;
        this.log = log;
        this.process = process;
    }

    /** Settings that connect a runner to the fake Twilio, with two agents and a supervisor. */
    static Map<String, String> besideTwilio(FakeTwilio twilio) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("HANDOFF_AGENTS", "ana:agent:" + ANA + ",bia:agent:" + BIA + ",sam:supervisor:" + SAM);
        settings.put("HANDOFF_PUBLIC_URL", PUBLIC_URL);
        settings.put("TWILIO_ACCOUNT_SID", twilio.accountSid());
        settings.put("TWILIO_AUTH_TOKEN", twilio.authToken());
        settings.put("TWILIO_API_BASE_URL", twilio.baseUrl());
        return settings;
    }

    /** Starts a runner and waits until it is ready. */
    static RunnerProcess start(Map<String, String> settings) {
        RunnerProcess runner = begin(settings);
        runner.awaitReady();
        return runner;
    }

    /** Starts a runner on a free port and does not wait. */
    static RunnerProcess begin(Map<String, String> settings) {
        try {
            int port = freePort();
            Path log = Files.createTempFile("handoff-runner-" + port + "-", ".log");
            return new RunnerProcess(settings, port, log, launch(settings, port, log.toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start the runner", e);
        }
    }

    /** Kills the process (SIGKILL): no shutdown hook, no farewell. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Kills the process, paused or not; whoever still wants to start it again is refused. */
    synchronized void endForGood() {
        ended = true;
        kill();
    }

    /** Starts the process anew, with the same settings and port, and waits until it is ready. */
    void restart() {
        beginAgain();
        awaitReady();
    }

    /** Starts the process anew, with the same settings and port, and does not wait. */
    synchronized void beginAgain() {
        if (ended) {
            throw new IllegalStateException("this runner was ended for good");
        }
        try {
            process = launch(settings, port, log.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start the runner again", e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Stops the process where it stands (SIGSTOP): its clock goes on, its leases run out. */
    void pause() {
        signal("STOP", process.pid());
    }

    /** Lets a paused process go on, as if nothing had been. */
    void resume() {
        signal("CONT", process.pid());
    }

    /** Sends a signal to processes that a test has started. */
    static void signal(String signal, long... pids) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
        LongStream.of(pids).mapToObj(Long::toString).forEach(command::add);
        try {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    String baseUrl() {
        return "http://127.0.0.1:" + port;
    }

    /** The runner as seen by the bearer of this token. */
    Api as(String token) {
        return new Api(baseUrl(), token);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** All that the process has printed. */
    String printed() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitReady() {
        Api nobody = as("");
        Await.until("the runner on port " + port + " is ready; see " + log, Duration.ofSeconds(60), () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("the runner ended with " + process.exitValue() + ":\n" + printed());
            }
            return nobody.get("/readyz").status() == 200;
        });
    }

    private void awaitEnd() {
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Process launch(Map<String, String> settings, int port, File log) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder builder = new ProcessBuilder(List.of(
                java,
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.handoff.runner.RunnerApp"));
        builder.environment().keySet().removeIf(name -> name.startsWith("HANDOFF_") || name.startsWith("TWILIO_"));
        builder.environment().putAll(settings);
        builder.environment().put("HANDOFF_PORT", Integer.toString(port));
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    /** Below those that the system gives to whoever asks for any: nobody is given it before its process binds it. */
    static int freePort() throws IOException {
        while (true) {
            int port = PORTS.getAndIncrement();
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                if (port >= 32_000) {
                    throw taken;
                }
            }
        }
    }
}
