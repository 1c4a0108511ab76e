package dev.handoff.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.twilio.testing.FakeMessage;
import dev.handoff.twilio.testing.FakeTwilio;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A customer on WhatsApp, behind the fake Twilio. */
record Customer(FakeTwilio twilio, String address) {
    static final String INBOX = "whatsapp:+14155238886";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Writes; the runner has stored it when this returns. */
    void writes(String text) throws IOException, InterruptedException {
        FakeTwilio.HostAnswer answer =
                twilio.customerWrites(RunnerProcess.PUBLIC_URL + "/webhooks/twilio", address, INBOX, text);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("<Response/>");
    }

    /** What Twilio was asked to send to this customer, in order. */
    List<String> hears() {
        return twilio.messages().stream()
                .filter(message -> message.to().equals(address))
                .map(FakeMessage::body)
                .toList();
    }

    void hears(String... texts) {
        Await.until(
                address + " hears " + List.of(texts) + ", not " + hears(),
                PATIENCE,
                () -> hears().equals(List.of(texts)));
    }
}
