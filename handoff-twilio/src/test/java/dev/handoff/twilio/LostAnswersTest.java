package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.MessageId;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeMessage;
import dev.handoff.twilio.testing.FakeTwilio;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Twilio takes message after message, and its answer is lost each time. {@code -Dhandoff.test.sends} says how many; 100 by
 * default.
 */
@Timeout(570)
class LostAnswersTest {
    private static final int SENDS = Math.max(20, Integer.getInteger("handoff.test.sends", 100));
    private static final int CUT_TO_EACH_CUSTOMER = 20;

    /** After so many lost answers one arrives, so that no circuit opens: an outage is another test. */
    private static final int CUT_IN_A_ROW = 4;

    private static final String PUBLIC_URL = "https://bot.example.com";
    private static final Duration UNKNOWN_WAIT = Duration.ofSeconds(1);

    private final FakeTwilio twilio = FakeTwilio.start();
    private final TwilioSettings settings = Sends.settings(twilio).build();
    private final TwilioWebhooks webhooks = TwilioWebhooks.of(settings);
    private final TwilioRig rig = new TwilioRig(
            TwilioChannel.of(settings), OutboundSettings.defaults().unknownWait(UNKNOWN_WAIT));
    private HttpServer host;

    @BeforeEach
    void startHost() throws IOException {
        host = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        host.createContext("/", this::callback);
        host.start();
        twilio.reaches(PUBLIC_URL, "http://localhost:" + host.getAddress().getPort());
    }

    @AfterEach
    void stop() {
        host.stop(0);
        rig.close();
        twilio.close();
    }

    @Test
    void I4_no_message_whose_answer_was_lost_is_sent_a_second_time() throws Exception {
        List<MessageId> queued = new ArrayList<>();
        for (int i = 0; i < SENDS / CUT_TO_EACH_CUSTOMER; i++) {
            queued.addAll(queueTo(i));
        }
        int cut = queued.size() * CUT_IN_A_ROW / (CUT_IN_A_ROW + 1);
        int answered = 0;
        int byCallback = 0;
        int byLookUp = 0;
        List<MessageId> open = queued;
        while (!open.isEmpty()) {
            rig.dispatch();
            List<MessageId> unknown = in(open, Delivery.UNKNOWN);
            answered += in(open, Delivery.SENT).size();
            Map<String, String> sids = sidsByMessage();
            for (int i = 0; i < unknown.size(); i += 2) {
                twilio.deliver(sids.get(unknown.get(i).text()), "sent");
            }
            List<MessageId> stillUnknown = in(unknown, Delivery.UNKNOWN);
            byCallback += unknown.size() - stillUnknown.size();
            rig.advance(UNKNOWN_WAIT);
            rig.lookUp();
            assertThat(in(stillUnknown, Delivery.UNKNOWN)).isEmpty();
            byLookUp += stillUnknown.size();
            open = in(open, Delivery.QUEUED);
        }

        System.out.printf(
                "LostAnswersTest: %d sends were cut after acceptance: %d resolved by a callback, %d by a look-up,"
                        + " %d second copies%n",
                cut,
                byCallback,
                byLookUp,
                twilio.messages().size() - sidsByMessage().size());
        assertThat(twilio.messages()).hasSameSizeAs(queued);
        assertThat(sidsByMessage().keySet())
                .containsExactlyInAnyOrderElementsOf(
                        queued.stream().map(MessageId::text).toList());
        assertThat(byCallback + byLookUp).isEqualTo(cut);
        assertThat(answered).isEqualTo(queued.size() - cut);
        assertThat(byCallback).isPositive();
        assertThat(byLookUp).isPositive();
    }

    /** From an inbox of the customer's own; every text is said more than once, as people do. */
    private List<MessageId> queueTo(int number) {
        ConversationAddress address = new ConversationAddress(
                "default", TwilioChannel.NAME, "whatsapp:+1415000" + number, "whatsapp:+5511" + number);
        ConversationId conversation = rig.conversation(address);
        List<MessageId> queued = new ArrayList<>();
        for (int cut = 0; cut < CUT_TO_EACH_CUSTOMER; ) {
            for (int i = 0; i < CUT_IN_A_ROW; i++, cut++) {
                queued.add(rig.reply(conversation, Content.text("ok " + i % 3)));
                twilio.answersTo(address.customer(), Answer.cutAfterAcceptance());
            }
            queued.add(rig.reply(conversation, Content.text("ok 0")));
            twilio.answersTo(address.customer(), Answer.accepted());
        }
        return queued;
    }

    private List<MessageId> in(List<MessageId> messages, Delivery delivery) {
        return messages.stream()
                .filter(id -> rig.message(id).delivery() == delivery)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** What Twilio has, by our own name for it, which the status callback's address carries. */
    private Map<String, String> sidsByMessage() {
        Map<String, String> sids = new LinkedHashMap<>();
        for (FakeMessage message : twilio.messages()) {
            sids.put(
                    CallbackQuery.read(String.valueOf(message.statusCallback())).message(), message.sid());
        }
        return sids;
    }

    private void callback(HttpExchange exchange) throws IOException {
        try (exchange) {
            TwilioWebhook webhook = webhooks.verifyAndParse(new TwilioRequest(
                    PUBLIC_URL + exchange.getRequestURI(),
                    exchange.getRequestBody().readAllBytes(),
                    exchange.getRequestHeaders().getFirst("Content-Type"),
                    exchange.getRequestHeaders().getFirst("X-Twilio-Signature")));
            boolean known = webhook instanceof TwilioWebhook.Status status
                    && rig.handoff().reportDelivery(status.update());
            exchange.sendResponseHeaders(known ? 204 : 404, -1);
        }
    }
}
