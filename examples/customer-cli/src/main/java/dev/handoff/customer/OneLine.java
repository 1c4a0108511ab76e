package dev.handoff.customer;

/** Text of others made fit for one line of a terminal: short, and without control characters that could drive it. */
final class OneLine {

    private static final int LONGEST = 120;

    private OneLine() {}

    static String of(String text) {
        return atMost(LONGEST, visible(text.strip()));
    }

    /** Cut to so many code points. */
    static String atMost(int longest, String text) {
        int length = text.codePointCount(0, text.length());
        return length <= longest ? text : text.substring(0, text.offsetByCodePoints(0, longest - 1)) + "…";
    }

    /** All of it. */
    static String visible(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (c == '\n') {
                shown.append(" ⏎ ");
            } else if (Character.isISOControl(c)) {
                shown.append(String.format("\\x%02x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }
}
