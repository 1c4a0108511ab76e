package dev.handoff.runner.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Tells whether the escapes in a URL say anything. */
final class PercentEncoding {
    private static final char UNREADABLE = '\uFFFD';

    private PercentEncoding() {}

    /** Whether every escape is two hex digits, and all of them together are UTF-8. */
    static boolean isReadable(String encoded) {
        try {
            return URLDecoder.decode(encoded, StandardCharsets.UTF_8).indexOf(UNREADABLE) < 0 || spellsIt(encoded);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The sign for what could not be decoded is a character too, which one may send. */
    private static boolean spellsIt(String encoded) {
        return encoded.indexOf(UNREADABLE) >= 0
                || encoded.toLowerCase(Locale.ROOT).contains("%ef%bf%bd");
    }
}
