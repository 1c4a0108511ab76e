package dev.handoff.customer;

import java.io.PrintWriter;

/** Outcomes as a table that is printed row by row, while they come in. Not thread-safe. */
final class ResultTable {

    /** Of the column for the answer: a status, and where a body is short the whole of it. */
    private static final int WIDTH = 30;

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
                "%s  %-64s %-" + WIDTH + "s %5d ms%n",
                outcome.asExpected() ? "pass" : "FAIL",
                outcome.label(),
                OneLine.atMost(WIDTH, outcome.answer().summary()),
                outcome.answer().millis());
        if (outcome.objection() != null) {
            out.println(
                    "      " + outcome.objection() + "; got " + outcome.answer().summary());
        }
    }

    /** Prints the last line. */
    int total() {
        out.printf("%n%d passed, %d failed%n", passed, failed);
        return failed == 0 ? ExitCode.AS_EXPECTED : ExitCode.OTHERWISE;
    }
}
