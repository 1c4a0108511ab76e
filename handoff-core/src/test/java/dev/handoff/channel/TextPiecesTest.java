package dev.handoff.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.model.Content;
import dev.handoff.model.Media;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TextPiecesTest {

    @Test
    void what_fits_is_left_alone() {
        Content content = Content.text("exact");
        assertThat(TextPieces.of(content, 5)).containsExactly(content);
        assertThat(TextPieces.of(Content.text(""), 5)).containsExactly(Content.text(""));
    }

    @Test
    void a_long_text_is_cut_after_a_sentence_where_one_ends_in_the_second_half() {
        assertThat(cut("One two. Three four five six", 14)).containsExactly("One two.", "Three four", "five six");
    }

    @Test
    void else_between_words_and_else_between_characters() {
        assertThat(cut("alpha beta gamma", 11)).containsExactly("alpha beta", "gamma");
        assertThat(cut("abcdefghij", 4)).containsExactly("abcd", "efgh", "ij");
    }

    @Test
    void a_character_outside_the_basic_plane_counts_as_one_and_is_never_cut() {
        assertThat(cut("😀😁😂🤣😃", 2)).containsExactly("😀😁", "😂🤣", "😃");
        assertThat(cut("😀😁", 1)).containsExactly("😀", "😁");
    }

    @Test
    void media_go_with_the_first_piece_even_when_the_text_before_the_cut_is_blank() {
        List<Media> photo = List.of(new Media("https://example.org/1", null));
        assertThat(TextPieces.of(new Content("alpha beta", photo, null), 5))
                .containsExactly(new Content("alpha", photo, null), Content.text("beta"));
        assertThat(TextPieces.of(new Content("          ", photo, null), 3)
                        .get(0)
                        .media())
                .isEqualTo(photo);
    }

    @Test
    void whatever_the_text_no_piece_is_too_long_or_empty_and_only_white_space_is_lost() {
        Random random = new Random(20_300_115);
        for (int i = 0; i < 2_000; i++) {
            String text = anyText(random);
            int longest = 1 + random.nextInt(20);
            List<String> pieces = cut(text, longest);
            if (text.codePointCount(0, text.length()) > longest) {
                assertThat(pieces).allSatisfy(piece -> {
                    assertThat(piece.codePointCount(0, piece.length())).isLessThanOrEqualTo(longest);
                    assertThat(piece).isNotBlank();
                });
            }
            assertThat(withoutSpace(String.join("", pieces))).isEqualTo(withoutSpace(text));
        }
    }

    private static String anyText(Random random) {
        return random.ints(random.nextInt(60), 0, 8)
                .mapToObj(
                        i -> List.of("a", "b", " ", ". ", "\n", "😀", "! ", "ç").get(i))
                .collect(Collectors.joining());
    }

    private static String withoutSpace(String text) {
        return text.replaceAll("\\s", "");
    }

    private static List<String> cut(String text, int longest) {
        return TextPieces.of(Content.text(text), longest).stream()
                .map(Content::text)
                .toList();
    }
}
