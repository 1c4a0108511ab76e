package dev.handoff.customer;

import java.io.PrintWriter;

/** Outcomes as a table that is printed row by row, while they come in. Not thread-safe. */
final class ResultTable {

    private final PrintWriter out;
    private int passed;
    private int failed;

    ResultTable(PrintWriter out) {
        this.out = out;
    }

    void section(String title) {
        out.printf("%n      %s%n", title);
    }

    void row(Outcome outcome) {
        if (outcome.asExpected()) {
            passed++;
        } else {
            failed++;
        }
        out.printf(
                "%s  %-64s %-18s %5d ms%n",
                outcome.asExpected() ? "pass" : "FAIL",
                outcome.label(),
                outcome.answer().summary(),
                outcome.answer().millis());
        if (outcome.objection() != null) {
            out.println("      " + outcome.objection());
        }
    }

    /** Prints the last line. */
    int total() {
        out.printf("%n%d passed, %d failed%n", passed, failed);
        return failed == 0 ? ExitCode.AS_EXPECTED : ExitCode.OTHERWISE;
    }
}
