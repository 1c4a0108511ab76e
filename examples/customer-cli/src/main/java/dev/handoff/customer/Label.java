package dev.handoff.customer;

/** How a message is named in the line that is printed for it. */
final class Label {

    private Label() {}

    static String of(String kind, String text, Form message) {
        String sid = message.first("MessageSid");
        return text.isEmpty() ? kind + " " + sid : kind + " " + sid + " \"" + OneLine.of(text) + "\"";
    }
}
