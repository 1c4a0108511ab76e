package dev.handoff.runner.readme;

import static dev.handoff.policy.HandoffPolicies.customerAsksForHuman;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the README shows is code that compiles, and its claims are run. */
class ReadmeTest {
    private static final Pattern IN_README =
            Pattern.compile("<!-- snippet: (\\w+) -->\\n```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern IN_CODE =
            Pattern.compile("^( *)// snippet: (\\w+)\\n(.*?)^ *// end$", Pattern.DOTALL | Pattern.MULTILINE);

    @Test
    void every_snippet_of_the_readme_is_compiled_code() throws IOException {
        String source = "examples/javalin-runner/src/test/java/dev/handoff/runner/readme/ReadmeSnippets.java";
        Map<String, String> compiled = new TreeMap<>();
        Matcher code = IN_CODE.matcher(Files.readString(root().resolve(source)));
        while (code.find()) {
            compiled.put(code.group(2), code.group(3).replaceAll("(?m)^" + code.group(1), ""));
        }
        Map<String, String> shown = new TreeMap<>();
        Matcher readme = IN_README.matcher(Files.readString(root().resolve("README.md")));
        while (readme.find()) {
            shown.put(readme.group(1), readme.group(2));
        }
        assertThat(shown).isEqualTo(compiled);
    }

    @Test
    void the_unit_test_that_the_readme_shows_passes() {
        ReadmeSnippets.test(turn -> BotReply.text("?"), customerAsksForHuman());
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve(".mvn"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
