package dev.handoff.customer;

/** Makes a form's body as large as wanted by a parameter that no host knows. */
final class Padding {

    private static final String NAME = "Padding";

    private Padding() {}

    static Form to(int bytes, Form form) {
        int missing = bytes - form.with(NAME, "").body().length;
        return form.with(NAME, "x".repeat(missing));
    }
}
