package dev.handoff.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a message says. Text is kept as it came, untrimmed; only what cannot be stored is replaced ({@link StorableText}).
 *
 * @param text the text; null when there is none
 * @param media attached files, in order
 * @param template set when an approved template is to be sent in place of free text
 */
public record Content(
        @Nullable String text, List<Media> media, @Nullable Template template) {
    public Content {
        text = text == null ? null : StorableText.of(text);
        media = List.copyOf(media);
    }

    /** Text alone. */
    public static Content text(String text) {
        return new Content(text, List.of(), null);
    }

    /** Whether there is nothing to send. */
    public boolean isEmpty() {
        return (text == null || text.isBlank()) && media.isEmpty() && template == null;
    }
}
