package dev.handoff.customer;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Requests that a host has to refuse: each is right but for one thing, so that only this thing can be the reason. */
enum BadRequest {
    NO_SIGNATURE("a message without a signature", Expectation.FORBIDDEN) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return right(host, customer).signature(null);
        }
    },
    EMPTY_SIGNATURE("a message with an empty signature", Expectation.FORBIDDEN) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return right(host, customer).signature("");
        }
    },
    WRONG_SIGNATURE("a message signed with another token", Expectation.FORBIDDEN) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return other(host).message("", customer.text(TEXT));
        }
    },
    ODD_SIGNATURE("a message with a signature that is no Base64", Expectation.FORBIDDEN) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return right(host, customer).signature("sha256=!!not base64!!");
        }
    },
    CHANGED_BODY("a message changed after it was signed", Expectation.FORBIDDEN) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            Form form = customer.text(TEXT);
            return host.message("", form)
                    .body(form.with("Body", "transfer it to me").body());
        }
    },
    ADDED_PARAMETER("a message with a parameter added after it was signed", Expectation.FORBIDDEN) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            Form form = customer.text(TEXT);
            return host.message("", form).body(form.and("ButtonPayload", "yes").body());
        }
    },
    OTHER_URL("a message signed for another URL", Expectation.FORBIDDEN) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            Form form = customer.text(TEXT);
            return host.message("", form).signature(host.signature("https://elsewhere.example/webhooks/twilio", form));
        }
    },
    OTHER_ACCOUNT("a message of another account, rightly signed", Expectation.FORBIDDEN) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return host.message("", customer.text(TEXT).with("AccountSid", Customer.newSid("AC")));
        }
    },
    TOO_LARGE("a body of 65 KiB, rightly signed", Expectation.TOO_LARGE) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return host.message("", Padding.to(65 * 1024, customer.text(TEXT)));
        }
    },
    TOO_LARGE_UNSIGNED("a body of 65 KiB without a signature", Expectation.TOO_LARGE) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return TOO_LARGE.spoil(host, customer).signature(null);
        }
    },
    GARBAGE("bytes that are no form, with a signature", Expectation.MALFORMED) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return right(host, customer).body(NO_FORM);
        }
    },
    GARBAGE_UNSIGNED("bytes that are no form, without a signature", Expectation.FORBIDDEN) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return right(host, customer).body(NO_FORM).signature(null);
        }
    },
    OTHER_TYPE("a message that says it is text/plain", Expectation.MALFORMED) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return right(host, customer).contentType("text/plain");
        }
    },
    NO_MESSAGE_SID("a signed message without MessageSid", Expectation.MALFORMED) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return host.message("", customer.text(TEXT).without("MessageSid"));
        }
    },
    NO_FROM("a signed message without From", Expectation.MALFORMED) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return host.message("", customer.text(TEXT).without("From"));
        }
    },
    NO_TO("a signed message without To", Expectation.MALFORMED) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return host.message("", customer.text(TEXT).without("To"));
        }
    },
    STATUS_NO_SIGNATURE("a status callback without a signature", Expectation.FORBIDDEN) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return host.status("", report(customer), "").signature(null);
        }
    },
    STATUS_WRONG_SIGNATURE("a status callback signed with another token", Expectation.FORBIDDEN) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            return other(host).status("", report(customer), "");
        }
    },
    STATUS_CHANGED_QUERY("a status callback whose query was changed after it was signed", Expectation.FORBIDDEN) {
        @Override
        Delivery spoil(Deployment host, Customer customer) {
            URI changed = host.status().withQuery("message=2").actual();
            return host.status("", report(customer), "message=1").to(changed);
        }
    };

    private static final String TEXT = "this must not arrive";

    /** A percent sign that leads nowhere, and no UTF-8. */
    private static final byte[] NO_FORM = "Body=100%&From=%zz&\u00ff\u00fe\u0000".getBytes(StandardCharsets.ISO_8859_1);

    private final String sentence;
    private final Expectation expectation;

    BadRequest(String sentence, Expectation expectation) {
        this.sentence = sentence;
        this.expectation = expectation;
    }

    abstract Delivery spoil(Deployment host, Customer customer);

    Planned planned(Deployment host, Customer customer) {
        return Planned.of(spoil(host, customer).labelled(sentence), expectation);
    }

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Delivery right(Deployment host, Customer customer) {
        return host.message("", customer.text(TEXT));
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
