package dev.handoff.runner.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.opentest4j.TestAbortedException;

/** What tests need and Maven cannot fetch. */
final class TestTools {
    private TestTools() {}

    /**
     * Finds a tool, or has the project's own script install it and looks again. Where that may not be, the test that asked
     * is reported as skipped, with the reason.
     */
    static synchronized <T> T installed(String what, Supplier<Optional<T>> find) {
        Optional<T> present = find.get();
        if (present.isPresent()) {
            return present.get();
        }
        String said = runInstaller();
        return find.get().orElseThrow(() -> new TestAbortedException("no " + what + ": " + said));
    }

    private static String runInstaller() {
        Path script = projectRoot().resolve("scripts/install-test-tools");
        try {
            Path output = Files.createTempFile("install-test-tools", ".log");
            Process installer = new ProcessBuilder("bash", script.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!installer.waitFor(10, TimeUnit.MINUTES)) {
                installer.destroyForcibly();
                return script + " took longer than ten minutes";
            }
            String said = Files.readString(output);
            Files.delete(output);
            return said.substring(Math.max(0, said.length() - 1_000)).strip();
        } catch (IOException e) {
            return "cannot run " + script + ": " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted while " + script + " ran";
        }
    }

    /** The tests run in the module's directory, or in an IDE's choice of one. */
    private static Path projectRoot() {
        Path directory = Path.of("").toAbsolutePath();
        while (directory != null && !Files.exists(directory.resolve("scripts/install-test-tools"))) {
            directory = directory.getParent();
        }
        return directory == null ? Path.of("").toAbsolutePath() : directory;
    }
}
