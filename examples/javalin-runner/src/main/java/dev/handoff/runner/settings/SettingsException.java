package dev.handoff.runner.settings;

import java.util.List;

/** Settings with which the service must not start, all of them named at once. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    public SettingsException(List<String> problems) {
        super("The settings are wrong, so nothing was started:\n - " + String.join("\n - ", problems));
        this.problems = List.copyOf(problems);
    }

    /** Each problem, beginning with the variable's name. */
    public List<String> problems() {
        return problems;
    }
}
