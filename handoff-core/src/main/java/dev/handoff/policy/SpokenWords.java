package dev.handoff.policy;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Words and phrases to be found in what people write: whole words, case and accents folded. */
final class SpokenWords {
    private static final Pattern MARKS = Pattern.compile("\\p{M}+");
    private static final Pattern BETWEEN_WORDS = Pattern.compile("[^\\p{L}\\p{N}]+");

    private static final List<String> PORTUGUESE = List.of("humano", "humana", "atendente", "pessoa");
    private static final List<String> ENGLISH = List.of("human", "agent", "person");
    private static final List<String> SPANISH = List.of("humano", "humana", "agente", "persona", "asesor", "asesora");

    private final List<String> phrases;

    private SpokenWords(List<String> phrases) {
        this.phrases = phrases.stream().map(SpokenWords::folded).distinct().toList();
        if (this.phrases.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("a word to listen for needs at least one letter or digit: " + phrases);
        }
    }

    /** What customers say in Portuguese, English and Spanish when they want a person. */
    static SpokenWords forAHuman() {
        List<String> all = new ArrayList<>(PORTUGUESE);
        all.addAll(ENGLISH);
        all.addAll(SPANISH);
        return new SpokenWords(all);
    }

    SpokenWords and(String... more) {
        List<String> all = new ArrayList<>(phrases);
        all.addAll(List.of(more));
        return new SpokenWords(all);
    }

    boolean occurIn(@Nullable String text) {
        if (text == null) {
            return false;
        }
        String said = folded(text);
        return phrases.stream().anyMatch(said::contains);
    }

    /** The words in lower case without accents, each between single spaces, so that "contains" means whole words. */
    private static String folded(String text) {
        String plain =
                MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFD)).replaceAll("");
        String words = BETWEEN_WORDS
                .matcher(plain.toLowerCase(Locale.ROOT))
                .replaceAll(" ")
                .strip();
        return words.isEmpty() ? "" : " " + words + " ";
    }
}
