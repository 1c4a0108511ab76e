package dev.handoff.runner.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The programs of a PostgreSQL server that the machine's packages have installed. The servers from jars, which other tests
 * use, come without {@code pg_basebackup}.
 *
 * @param folder where they are
 */
record PostgresPrograms(Path folder) {
    /** Where Debian and its kin keep one folder a version. */
    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

    private static final int OLDEST = 15;

    /** Those of the oldest version that is supported and installed. */
    static PostgresPrograms installed() {
        return TestTools.installed("PostgreSQL server for the tests of failover", PostgresPrograms::find);
    }

    String path(String program) {
        return folder.resolve(program).toString();
    }

    private static Optional<PostgresPrograms> find() {
        if (!Files.isDirectory(VERSIONS)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(VERSIONS)) {
            return versions.filter(version -> number(version) >= OLDEST)
                    .sorted(Comparator.comparingInt(PostgresPrograms::number))
                    .map(version -> version.resolve("bin"))
                    .filter(folder -> Stream.of("initdb", "postgres", "pg_basebackup")
                            .allMatch(program -> Files.isExecutable(folder.resolve(program))))
                    .findFirst()
                    .map(PostgresPrograms::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int number(Path version) {
        String name = version.getFileName().toString();
        return name.matches("\\d{1,4}") ? Integer.parseInt(name) : 0;
    }
}
