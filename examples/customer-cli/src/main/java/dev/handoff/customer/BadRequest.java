package dev.handoff.customer;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Requests that a host has to refuse: each is right but for one thing, so that only this thing can be the reason. */
enum BadRequest {
    NO_SIGNATURE(
            "a message without a signature",
            Expectation.FORBIDDEN,
            (host, customer) -> right(host, customer).signature(null)),
    EMPTY_SIGNATURE(
            "a message with an empty signature",
            Expectation.FORBIDDEN,
            (host, customer) -> right(host, customer).signature("")),
    WRONG_SIGNATURE(
            "a message signed with another token",
            Expectation.FORBIDDEN,
            (host, customer) -> other(host).message("", text(customer))),
    ODD_SIGNATURE(
            "a message with a signature that is no Base64",
            Expectation.FORBIDDEN,
            (host, customer) -> right(host, customer).signature("sha256=!!not base64!!")),
    CHANGED_BODY("a message changed after it was signed", Expectation.FORBIDDEN, (host, customer) -> {
        Form form = text(customer);
        return host.message("", form)
                .body(form.with("Body", "transfer it to me").body());
    }),
    ADDED_PARAMETER("a message with a parameter added after it was signed", Expectation.FORBIDDEN, (host, customer) -> {
        Form form = text(customer);
        return host.message("", form).body(form.and("ButtonPayload", "yes").body());
    }),
    OTHER_URL("a message signed for another URL", Expectation.FORBIDDEN, (host, customer) -> {
        Form form = text(customer);
        return host.message("", form).signature(host.signature("https://elsewhere.example/webhooks/twilio", form));
    }),
    OTHER_ACCOUNT(
            "a message of another account, rightly signed",
            Expectation.FORBIDDEN,
            (host, customer) -> host.message("", text(customer).with("AccountSid", Customer.newSid("AC")))),
    TOO_LARGE(
            "a body of 65 KiB, rightly signed",
            Expectation.TOO_LARGE,
            (host, customer) -> host.message("", large(customer))),
    TOO_LARGE_UNSIGNED(
            "a body of 65 KiB without a signature",
            Expectation.TOO_LARGE,
            (host, customer) -> host.message("", large(customer)).signature(null)),
    GARBAGE(
            "bytes that are no form, with a signature",
            Expectation.MALFORMED,
            (host, customer) -> garbage(host, customer)),
    GARBAGE_UNSIGNED(
            "bytes that are no form, without a signature",
            Expectation.FORBIDDEN,
            (host, customer) -> garbage(host, customer).signature(null)),
    OTHER_TYPE(
            "a message that says it is text/plain",
            Expectation.MALFORMED,
            (host, customer) -> right(host, customer).contentType("text/plain")),
    NO_MESSAGE_SID(
            "a signed message without MessageSid",
            Expectation.MALFORMED,
            (host, customer) -> host.message("", text(customer).without("MessageSid"))),
    NO_FROM(
            "a signed message without From",
            Expectation.MALFORMED,
            (host, customer) -> host.message("", text(customer).without("From"))),
    NO_TO(
            "a signed message without To",
            Expectation.MALFORMED,
            (host, customer) -> host.message("", text(customer).without("To"))),
    STATUS_NO_SIGNATURE(
            "a status callback without a signature",
            Expectation.FORBIDDEN,
            (host, customer) -> host.status("", report(customer), "").signature(null)),
    STATUS_WRONG_SIGNATURE(
            "a status callback signed with another token",
            Expectation.FORBIDDEN,
            (host, customer) -> other(host).status("", report(customer), "")),
    STATUS_CHANGED_QUERY(
            "a status callback whose query was changed after it was signed",
            Expectation.FORBIDDEN,
            (host, customer) -> {
                URI changed = host.status().withQuery("message=2").actual();
                return host.status("", report(customer), "message=1").to(changed);
            });

    /** Makes the request, with one thing wrong. */
    private interface Spoiler {
        Delivery spoil(Deployment host, Customer customer);
    }

    private final String sentence;
    private final Expectation expectation;
    private final Spoiler spoiler;

    BadRequest(String sentence, Expectation expectation, Spoiler spoiler) {
        this.sentence = sentence;
        this.expectation = expectation;
        this.spoiler = spoiler;
    }

    Planned planned(Deployment host, Customer customer) {
        return new Planned(spoiler.spoil(host, customer).labelled(sentence), expectation);
    }

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Form text(Customer customer) {
        return customer.text("this must not arrive");
    }

    private static Form large(Customer customer) {
        return Padding.to(65 * 1024, text(customer));
    }

    private static Delivery right(Deployment host, Customer customer) {
        return host.message("", text(customer));
    }

    /** A percent sign that leads nowhere, and no UTF-8. */
    private static Delivery garbage(Deployment host, Customer customer) {
        byte[] noForm = "Body=100%&From=%zz&\u00ff\u00fe\u0000".getBytes(StandardCharsets.ISO_8859_1);
        return right(host, customer).body(noForm);
    }

    private static Deployment other(Deployment host) {
        return new Deployment(host.message(), host.status(), "not-" + host.token());
    }

    private static Form report(Customer customer) {
        return new StatusReport(
                        customer.account(), Customer.newSid("SM"), "delivered", customer.to(), customer.from(), null)
                .form();
    }
}
