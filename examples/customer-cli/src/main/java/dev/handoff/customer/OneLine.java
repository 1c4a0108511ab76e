package dev.handoff.customer;

/** Text of others made fit for one line of a terminal: short, and without control characters that could drive it. */
final class OneLine {

    private static final int LONGEST = 120;

    private OneLine() {}

    static String of(String text) {
        String shown = visible(text.strip());
        int length = shown.codePointCount(0, shown.length());
        return length <= LONGEST ? shown : shown.substring(0, shown.offsetByCodePoints(0, LONGEST)) + "…";
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
