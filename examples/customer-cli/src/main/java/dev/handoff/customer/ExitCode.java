package dev.handoff.customer;

/** What the tool tells a script. */
final class ExitCode {

    static final int AS_EXPECTED = 0;
    /** The host answered otherwise than expected, or not at all. */
    static final int OTHERWISE = 1;

    static final int USAGE = 2;

    private ExitCode() {}
}
