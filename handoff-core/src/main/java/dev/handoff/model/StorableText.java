package dev.handoff.model;

import java.util.regex.Pattern;

/**
 * Text as every store and every screen can hold it. What strangers send may have NUL, which PostgreSQL refuses, or half
 * of a surrogate pair, which UTF-8 cannot carry: it would arrive as a question mark.
 */
public final class StorableText {
    private static final Pattern UNSTORABLE = Pattern.compile("[\\x00\\p{Cs}]");

    private StorableText() {}

    /** The text, with NUL and unpaired surrogates replaced by U+FFFD; nothing else is changed. */
    public static String of(String text) {
        return UNSTORABLE.matcher(text).replaceAll("\uFFFD");
    }
}
