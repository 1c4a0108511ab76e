package dev.handoff.runner.e2e;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The browser and its driver for tests of the console.
 *
 * @param browser Chromium itself
 * @param driver the driver of the same version
 */
record Chromium(Path browser, Path driver) {

    /** Both, as they are on the PATH. */
    static Chromium installed() {
        return TestTools.installed("Chromium for the browser tests", Chromium::find);
    }

    private static Optional<Chromium> find() {
        return onPath("chromium")
                .flatMap(browser -> onPath("chromedriver").map(driver -> new Chromium(browser, driver)));
    }

    private static Optional<Path> onPath(String name) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
