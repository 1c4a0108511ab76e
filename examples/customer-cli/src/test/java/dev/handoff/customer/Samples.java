package dev.handoff.customer;

import dev.handoff.customer.Deployment.Endpoint;
import java.net.URI;

/** Things that tests need and whose details do not matter. */
final class Samples {

    static final Customer CUSTOMER =
            new Customer(LoopbackHost.ACCOUNT, "whatsapp:+12025550123", "whatsapp:+14155238886", "Maria");

    static final Deployment DEPLOYMENT =
            deployment("http://localhost:7070/webhooks/twilio", "https://bot.example.com/webhooks/twilio");

    private Samples() {}

    static Deployment deployment(String actual, String signed) {
        return new Deployment(
                new Endpoint(URI.create(actual), signed),
                new Endpoint(URI.create(actual + "/status"), signed + "/status"),
                LoopbackHost.TOKEN);
    }
}
