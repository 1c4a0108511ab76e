package dev.handoff.runner.metrics;

import java.util.List;

/**
 * One metric's name, kind and labels, in
 * <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">Prometheus' text format</a>.
 */
record Family(String name, String kind, String help, List<String> labels) {

    void writeHead(StringBuilder out) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(kind).append('\n');
    }

    void writeSample(StringBuilder out, String suffix, List<String> values, String number) {
        out.append(name).append(suffix);
        writeLabels(out, values, "");
        out.append(' ').append(number).append('\n');
    }

    /** With the bound of a histogram's bucket. */
    void writeSample(StringBuilder out, String suffix, List<String> values, String number, String bound) {
        out.append(name).append(suffix);
        writeLabels(out, values, "le=\"" + bound + "\"");
        out.append(' ').append(number).append('\n');
    }

    private void writeLabels(StringBuilder out, List<String> values, String last) {
        if (labels.isEmpty() && last.isEmpty()) {
            return;
        }
        out.append('{');
        for (int i = 0; i < labels.size(); i++) {
            out.append(i == 0 ? "" : ",").append(labels.get(i)).append("=\"");
            out.append(escaped(values.get(i))).append('"');
        }
        out.append(labels.isEmpty() || last.isEmpty() ? "" : ",").append(last).append('}');
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
