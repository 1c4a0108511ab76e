package dev.handoff.customer;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The parameters of a webhook in their order; a name may come more than once. Immutable. */
record Form(List<Parameter> parameters) {

    record Parameter(String name, String value) {}

    Form {
        parameters = List.copyOf(parameters);
    }

    static Form empty() {
        return new Form(List.of());
    }

    /** With this value in place of any that the name had. */
    Form with(String name, String value) {
        return without(name).and(name, value);
    }

    /** With this value beside any that the name has. */
    Form and(String name, String value) {
        List<Parameter> more = new ArrayList<>(parameters);
        more.add(new Parameter(name, value));
        return new Form(more);
    }

    Form without(String name) {
        return new Form(parameters.stream()
                .filter(parameter -> !parameter.name().equals(name))
                .toList());
    }

    /** The first value of that name, empty if there is none. */
    String first(String name) {
        return parameters.stream()
                .filter(parameter -> parameter.name().equals(name))
                .map(Parameter::value)
                .findFirst()
                .orElse("");
    }

    Map<String, List<String>> byName() {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            values.computeIfAbsent(parameter.name(), name -> new ArrayList<>()).add(parameter.value());
        }
        return values;
    }

    String encoded() {
        return parameters.stream()
                .map(parameter -> encoded(parameter.name()) + "=" + encoded(parameter.value()))
                .collect(Collectors.joining("&"));
    }

    byte[] body() {
        return encoded().getBytes(StandardCharsets.UTF_8);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
