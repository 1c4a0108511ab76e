package dev.handoff.runner.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads environment variables one by one and remembers what was wrong with them. A blank variable counts as unset: that
 * is how container files pass on what nobody has set.
 */
final class Variables {
    private static final Duration LONGEST = Duration.ofDays(3650);

    private final Map<String, String> environment;
    private final Set<String> asked = new HashSet<>();
    private final List<String> problems = new ArrayList<>();

    Variables(Map<String, String> environment) {
        this.environment = environment;
    }

    List<String> problems() {
        return problems;
    }

    void problem(String name, String what) {
        problems.add(name + ": " + what);
    }

    /** Variables with our prefix that nobody has asked for: most likely misspelt. */
    List<String> unknown() {
        return environment.keySet().stream()
                .filter(name -> name.startsWith("HANDOFF_") && !asked.contains(name))
                .sorted()
                .toList();
    }

    @Nullable
    String optional(String name) {
        asked.add(name);
        String value = environment.get(name);
        return value == null || value.isBlank() ? null : value.strip();
    }

    String text(String name, String otherwise) {
        String value = optional(name);
        return value == null ? otherwise : value;
    }

    int integer(String name, int otherwise, int least, int most) {
        String value = optional(name);
        if (value == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below, together with a number out of range
        }
        problem(name, "must be a whole number from " + least + " to " + most + ", not '" + value + "'");
        return otherwise;
    }

    /** Messages a second, for example {@code 80}, {@code 0.5} or {@code 80/s}. */
    double rate(String name, double otherwise) {
        String value = optional(name);
        if (value == null) {
            return otherwise;
        }
        try {
            double number = Double.parseDouble(value.endsWith("/s") ? value.substring(0, value.length() - 2) : value);
            if (number > 0 && number <= 1_000_000) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below, together with a number out of range
        }
        problem(name, "must be a number of messages a second above 0, for example 80, not '" + value + "'");
        return otherwise;
    }

    Duration duration(String name, Duration otherwise, boolean mayBeZero) {
        String value = optional(name);
        if (value == null) {
            return otherwise;
        }
        try {
            Duration duration = Duration.parse(value);
            boolean longEnough = mayBeZero ? !duration.isNegative() : duration.compareTo(Duration.ofMillis(1)) >= 0;
            if (longEnough && duration.compareTo(LONGEST) <= 0) {
                return duration;
            }
            problem(
                    name,
                    "must be " + (mayBeZero ? "zero or more" : "above zero") + " and at most ten years, not " + value);
        } catch (DateTimeParseException e) {
            problem(name, "must be an ISO 8601 duration, for example PT30S or PT5M, not '" + value + "'");
        }
        return otherwise;
    }

    <E extends Enum<E>> E choice(String name, E otherwise, List<E> allowed) {
        String value = optional(name);
        if (value == null) {
            return otherwise;
        }
        for (E choice : allowed) {
            if (choice.name().equalsIgnoreCase(value)) {
                return choice;
            }
        }
        String words = String.join(
                ", ",
                allowed.stream().map(c -> c.name().toLowerCase(Locale.ROOT)).toList());
        problem(name, "must be one of " + words + ", not '" + value + "'");
        return otherwise;
    }

    boolean onOrOff(String name, boolean otherwise) {
        String value = optional(name);
        if (value == null) {
            return otherwise;
        }
        switch (value.toLowerCase(Locale.ROOT)) {
            case "on" -> {
                return true;
            }
            case "off" -> {
                return false;
            }
            default -> {
                problem(name, "must be on or off, not '" + value + "'");
                return otherwise;
            }
        }
    }

    /** An absolute http or https URL without query and fragment, and without the slash at its end. */
    @Nullable
    String baseUrl(String name) {
        String value = optional(name);
        if (value == null) {
            return null;
        }
        try {
            URI uri = new URI(value);
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (web && uri.getHost() != null && uri.getRawQuery() == null && uri.getRawFragment() == null) {
                return value.replaceFirst("/+$", "");
            }
        } catch (URISyntaxException e) {
            // told below, together with what is a URI but not a base
        }
        problem(name, "must be an http:// or https:// URL without query and fragment, not '" + value + "'");
        return null;
    }
}
