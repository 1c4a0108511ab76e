package dev.handoff.twilio;

import org.jspecify.annotations.Nullable;

/**
 * A webhook as it arrived, before anything about it is believed.
 *
 * @param url what Twilio was told to call: the public URL as the operator configured it, with the request's path and raw,
 *     undecoded query. Never taken from {@code Host} or {@code X-Forwarded-*}, which the caller of a webhook may choose.
 * @param body the body's bytes, untouched. Hosts bound their reading by {@link TwilioWebhooks#MAX_BODY_BYTES} plus one.
 * @param contentType the {@code Content-Type} header
 * @param signature the {@code X-Twilio-Signature} header
 */
public record TwilioRequest(
        String url,
        byte[] body,
        @Nullable String contentType,
        @Nullable String signature) {}
