package dev.handoff;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A diagram in the README that a test has drawn, between {@code <!-- name -->} and {@code <!-- /name -->}. With
 * {@code -Dhandoff.print=true} the block is written anew; else it must be what the test has drawn.
 */
public final class ReadmeBlock {
    private ReadmeBlock() {}

    /** Compares a Mermaid diagram with the block of this name, or writes it there. */
    public static void holds(String name, String mermaid) throws IOException {
        Path readme = readme();
        String text = Files.readString(readme);
        String begin = "<!-- " + name + " -->\n";
        String end = "<!-- /" + name + " -->";
        assertThat(text).as("the README's markers").contains(begin, end);
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf(end, from);
        String drawn = "```mermaid\n" + mermaid.strip() + "\n```\n";
        if (Boolean.getBoolean("handoff.print")) {
            Files.writeString(readme, text.substring(0, from) + drawn + text.substring(to));
            return;
        }
        assertThat(text.substring(from, to))
                .as(
                        "the README's block '%s' is out of date; write it anew with"
                                + " mvn -pl handoff-core test -Dtest='*DiagramTest' -Dhandoff.print=true",
                        name)
                .isEqualTo(drawn);
    }

    private static Path readme() {
        Path here = Path.of("").toAbsolutePath();
        while (here != null && !Files.exists(here.resolve("README.md"))) {
            here = here.getParent();
        }
        assertThat(here).as("the folder that holds README.md").isNotNull();
        return here.resolve("README.md");
    }
}
