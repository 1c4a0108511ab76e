package dev.handoff.model;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How something structured is written as fields. */
final class StructuredFields {
    /** Neither hexadecimal numbers nor exponents nor the words that Java takes for numbers, too. */
    private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]{1,3}(\\.[0-9]{0,30})?");

    private final String kind;
    private final Map<String, String> fields = new LinkedHashMap<>();

    private StructuredFields(String kind) {
        this.kind = kind;
    }

    static StructuredFields of(String kind) {
        return new StructuredFields(kind);
    }

    StructuredFields put(String name, @Nullable String value) {
        if (value != null) {
            fields.put(Structured.PREFIX + kind + "." + name, value);
        }
        return this;
    }

    Map<String, String> map() {
        return fields;
    }

    static String decimal(double degrees) {
        return BigDecimal.valueOf(degrees).toPlainString();
    }

    static @Nullable Double degrees(@Nullable String text, int limit) {
        if (text == null || !DECIMAL.matcher(text.strip()).matches()) {
            return null;
        }
        double degrees = Double.parseDouble(text.strip());
        return Math.abs(degrees) <= limit ? degrees : null;
    }
}
