package dev.handoff;

import dev.handoff.model.HandoffException;
import java.util.List;

/** Settings that cannot work, all of them named at once. */
public final class ConfigurationException extends HandoffException {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    ConfigurationException(List<String> problems) {
        super("handoff cannot be built:\n - " + String.join("\n - ", problems));
        this.problems = List.copyOf(problems);
    }

    /** Each problem, beginning with the setting's name. */
    public List<String> problems() {
        return problems;
    }
}
