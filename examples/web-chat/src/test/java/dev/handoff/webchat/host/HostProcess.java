package dev.handoff.webchat.host;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The host in a process of its own, so that it can be killed. */
final class HostProcess implements AutoCloseable {
    private final Map<String, String> settings;
    private final File log;
    private Process process;

    HostProcess(Map<String, String> settings, Path log) {
        this.settings = settings;
        this.log = log.toFile();
    }

    /** Starts it and waits until it listens. */
    void start() {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WebChatApp.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().putAll(settings);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until("the host listens; its log is " + log, () -> {
            new Socket("127.0.0.1", Integer.parseInt(settings.get("HANDOFF_PORT"))).close();
            return true;
        });
    }

    /** SIGKILL: no shutdown hook, no farewell. */
    void kill() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                throw new AssertionError("it would not die");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
    }
}
