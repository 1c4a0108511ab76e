package dev.handoff.channel;

import dev.handoff.model.Content;
import java.util.ArrayList;
import java.util.List;

/** Cuts a text that is too long for one message: after a sentence, else between words, else between code points. */
public final class TextPieces {
    private TextPieces() {}

    /**
     * The content as one message or several, in order; media go with the first. Nothing but white space at the cuts is
     * dropped.
     *
     * @param longest code points that fit one message, 1 or more
     */
    public static List<Content> of(Content content, int longest) {
        String text = content.text();
        if (text == null || text.codePointCount(0, text.length()) <= longest) {
            return List.of(content);
        }
        List<Content> pieces = new ArrayList<>();
        String rest = text;
        while (rest.codePointCount(0, rest.length()) > longest) {
            int cut = cutOf(rest, rest.offsetByCodePoints(0, longest));
            add(pieces, rest.substring(0, cut).stripTrailing(), content);
            rest = rest.substring(cut).stripLeading();
        }
        add(pieces, rest, content);
        return pieces;
    }

    private static void add(List<Content> pieces, String text, Content whole) {
        if (!text.isBlank() || (pieces.isEmpty() && !whole.media().isEmpty())) {
            pieces.add(pieces.isEmpty() ? new Content(text, whole.media(), whole.template()) : Content.text(text));
        }
    }

    private static int cutOf(String text, int end) {
        int word = -1;
        for (int i = end; i > end / 2; i--) {
            if (Character.isWhitespace(text.charAt(i < text.length() ? i : i - 1))) {
                if (".!?…\n".indexOf(text.charAt(i - 1)) >= 0) {
                    return i;
                }
                if (word < 0) {
                    word = i;
                }
            }
        }
        return word > 0 ? word : end;
    }
}
