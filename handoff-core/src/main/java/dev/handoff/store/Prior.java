package dev.handoff.store;

/**
 * What was done before under a once-key.
 *
 * @param fingerprint of the body that came with it
 * @param outcome what it brought about
 */
public record Prior(String fingerprint, Outcome outcome) {}
