package dev.handoff.customer;

import dev.handoff.twilio.TwilioSignature;
import java.net.URI;

/**
 * A running host, seen from Twilio.
 *
 * @param message where messages are delivered, and which URL is signed for them
 * @param status the same for status callbacks
 * @param token the account's auth token, with which webhooks are signed
 */
record Deployment(Endpoint message, Endpoint status, String token) {

    /**
     * @param actual what is called
     * @param signed what the host is known as in Twilio's console; the two differ when a proxy sits between
     */
    record Endpoint(URI actual, String signed) {

        /** Twilio signs the query as it is written, so both URLs get it untouched. */
        Endpoint withQuery(String query) {
            return query.isEmpty() ? this : new Endpoint(URI.create(actual + "?" + query), signed + "?" + query);
        }
    }

    Delivery message(String label, Form form) {
        return signed(label, message, form);
    }

    Delivery status(String label, Form form, String query) {
        return signed(label, status.withQuery(query), form);
    }

    Delivery signed(String label, Endpoint endpoint, Form form) {
        return Delivery.of(label, endpoint.actual(), form, signature(endpoint.signed(), form));
    }

    String signature(String url, Form form) {
        return TwilioSignature.sign(token, url, form.byName());
    }

    /**
     * Where a callback that the host has named is called: like every URL of the host's, on this side of the proxy. One that
     * lies elsewhere is called as it is.
     */
    Endpoint callback(String named) {
        String actual = message.actual().toString();
        String signed = message.signed();
        int same = commonEnding(actual, signed);
        String publicBase = signed.substring(0, signed.length() - same);
        String actualBase = actual.substring(0, actual.length() - same);
        boolean here = named.startsWith(publicBase);
        return new Endpoint(URI.create(here ? actualBase + named.substring(publicBase.length()) : named), named);
    }

    /** How much of the path the two have in common, from the end and in whole segments. */
    private static int commonEnding(String a, String b) {
        int common = 0;
        for (int i = 1; i < Math.min(pathLength(a), pathLength(b)) + 1; i++) {
            if (a.charAt(a.length() - i) != b.charAt(b.length() - i)) {
                break;
            }
            common = a.charAt(a.length() - i) == '/' ? i : common;
        }
        return common;
    }

    private static int pathLength(String url) {
        int path = url.indexOf('/', url.indexOf("://") + 3);
        return path < 0 ? 0 : url.length() - path;
    }

    /** Without the token, so that it can be printed. */
    @Override
    public String toString() {
        return "Deployment[" + message.actual() + ", signed as " + message.signed() + "]";
    }
}
