package dev.handoff.customer;

/** What the tool tells a script; wrong usage is picocli's own 2. */
final class ExitCode {

    static final int AS_EXPECTED = 0;
    /** The host answered otherwise than expected, or not at all. */
    static final int OTHERWISE = 1;

    private ExitCode() {}
}
