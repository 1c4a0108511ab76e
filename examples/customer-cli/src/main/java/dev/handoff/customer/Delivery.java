package dev.handoff.customer;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * One request to a webhook, as it goes over the wire: rightly signed, or spoiled on purpose.
 *
 * @param label what is sent, for people
 * @param signature null to send none
 */
record Delivery(
        String label,
        URI url,
        byte[] body,
        String contentType,
        @Nullable String signature) {

    static final String FORM = "application/x-www-form-urlencoded; charset=UTF-8";

    static Delivery of(String label, URI url, Form form, String signature) {
        return new Delivery(label, url, form.body(), FORM, signature);
    }

    Delivery labelled(String newLabel) {
        return new Delivery(newLabel, url, body, contentType, signature);
    }

    Delivery to(URI otherUrl) {
        return new Delivery(label, otherUrl, body, contentType, signature);
    }

    Delivery body(byte[] otherBody) {
        return new Delivery(label, url, otherBody, contentType, signature);
    }

    Delivery contentType(String otherType) {
        return new Delivery(label, url, body, otherType, signature);
    }

    Delivery signature(@Nullable String otherSignature) {
        return new Delivery(label, url, body, contentType, otherSignature);
    }
}
