package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.Handoff;
import dev.handoff.bot.BotReply;
import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.OutboundSettings;
import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeMessage;
import dev.handoff.twilio.testing.FakeTwilio;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Twilio takes messages, and the answers are lost. {@code -Dhandoff.test.sends=1000} for more of them than every build
 * sends.
 */
class LostAnswersTest {
    private static final int SENDS = Integer.getInteger("handoff.test.sends", 100);

    @Test
    void I4_sends_whose_answers_are_lost_are_made_certain_by_callbacks_and_look_ups_and_none_is_sent_twice() {
        try (FakeTwilio twilio = FakeTwilio.start();
                Handoff handoff = Handoff.builder()
                        .store(new InMemoryConversationStore())
                        .channel(TwilioChannel.of(Sends.settings(twilio).build()))
                        .bot(turn -> BotReply.text("oi"))
                        .outbound(OutboundSettings.defaults()
                                .pace(100_000, 100_000)
                                .unknownWait(Duration.ofMillis(1)))
                        .build()) {
            List<ConversationId> conversations = new ArrayList<>();
            for (int i = 0; i < SENDS; i++) {
                String customer = "whatsapp:+55119" + i;
                twilio.answersTo(customer, Answer.cutAfterAcceptance());
                conversations.add(Sends.received(handoff, to(customer), "SM" + i));
                if (i % 4 == 0) {
                    // Were all answers lost, the library would take Twilio for gone, and wait.
                    Sends.received(handoff, to("whatsapp:+55218" + i), "SN" + i);
                }
            }
            while (handoff.runBotTurnsOnce() > 0 || handoff.dispatchOutboundOnce() > 0) {
                // until all are sent, and no answer has come
            }
            assertThat(deliveries(handoff, conversations)).hasSize(SENDS).containsOnly(Delivery.UNKNOWN);

            List<FakeMessage> taken = twilio.messages().stream()
                    .filter(message -> message.to().startsWith("whatsapp:+55119"))
                    .toList();
            int sent = twilio.sendRequests().size();
            int byCallback = 0;
            for (FakeMessage message : taken.subList(0, taken.size() * 2 / 5)) {
                CallbackQuery names = CallbackQuery.read(message.statusCallback());
                handoff.reportDelivery(new DeliveryUpdate(
                        names.tenant(),
                        TwilioChannel.NAME,
                        null,
                        names.attempt(),
                        message.sid(),
                        DeliveryStatus.DELIVERED,
                        null));
                byCallback++;
            }
            int byLookUp = 0;
            for (int found = handoff.resolveUnknownOnce(); found > 0; found = handoff.resolveUnknownOnce()) {
                byLookUp += found;
            }
            handoff.dispatchOutboundOnce();

            System.out.printf(
                    "%d sends cut after acceptance: %d made certain by a callback, %d by a look-up, %d second copies%n",
                    SENDS, byCallback, byLookUp, twilio.sendRequests().size() - sent);
            assertThat(deliveries(handoff, conversations)).containsOnly(Delivery.DELIVERED, Delivery.SENT);
            assertThat(byCallback + byLookUp).isEqualTo(SENDS);
            assertThat(taken).as("one for each message").hasSize(SENDS);
            assertThat(twilio.sendRequests()).as("no second copies").hasSize(sent);
        }
    }

    private static ConversationAddress to(String customer) {
        return new ConversationAddress("default", TwilioChannel.NAME, "whatsapp:+14155238886", customer);
    }

    private static List<Delivery> deliveries(Handoff handoff, List<ConversationId> conversations) {
        return conversations.stream()
                .map(id -> handoff.history().messages(id, 0, 10).get(1).delivery())
                .toList();
    }
}
