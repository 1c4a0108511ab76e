package dev.handoff.channel;

/** What the provider knows of an attempt whose outcome was unknown. */
public sealed interface LookupResult {

    /** It was sent. */
    record Found(String providerMessageId, DeliveryStatus status) implements LookupResult {}

    /** The provider has no such message (yet). */
    record NotFound() implements LookupResult {}

    /** The provider could not be asked, or its answer decides nothing. */
    record Unclear(String reason) implements LookupResult {}
}
