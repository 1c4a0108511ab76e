package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.channel.InboundMessage;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.HandoffException;
import dev.handoff.model.Media;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeTwilio;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MissedMessagesTest {
    private static final String INBOX = "whatsapp:+14155238886";
    private static final String MARIA = "whatsapp:BR.1A2B";
    private static final Instant AN_HOUR_AGO = Instant.now().minusSeconds(3600);
    private static final Instant SOON = Instant.now().plusSeconds(3600);

    private final FakeTwilio twilio = FakeTwilio.start();
    private final TwilioSettings settings = Sends.settings(twilio).build();
    private final MissedMessages missed = MissedMessages.of(settings);

    @AfterEach
    void stop() {
        twilio.close();
    }

    @Test
    void a_message_is_what_its_webhook_would_have_brought() {
        Map<String, String> parameters = twilio.inboundParameters(MARIA, INBOX, " oi, tudo bem? \n");

        assertThat(received())
                .containsExactly(new InboundMessage(
                        new ConversationAddress("default", "twilio", INBOX, MARIA),
                        parameters.get("MessageSid"),
                        Content.text(" oi, tudo bem? \n"),
                        null,
                        Map.of()));
    }

    @Test
    void files_have_the_urls_and_types_that_the_webhook_names() {
        Map<String, String> parameters = twilio.inboundParameters(MARIA, INBOX, "", 2);

        assertThat(received())
                .extracting(InboundMessage::content)
                .containsExactly(new Content(
                        "",
                        List.of(
                                new Media(parameters.get("MediaUrl0"), parameters.get("MediaContentType0")),
                                new Media(parameters.get("MediaUrl1"), parameters.get("MediaContentType1"))),
                        null));
    }

    @Test
    void they_come_oldest_first_however_many_pages_there_are() {
        IntStream.range(0, 2_345).forEach(number -> twilio.inboundParameters(MARIA, INBOX, "message " + number));

        assertThat(received())
                .extracting(message -> message.content().text())
                .containsExactlyElementsOf(IntStream.range(0, 2_345)
                        .mapToObj(number -> "message " + number)
                        .toList());
        assertThat(twilio.requests()).hasSize(3);
    }

    @Test
    void what_the_host_has_sent_and_what_came_to_another_inbox_is_not_among_them() {
        TwilioChannel.of(settings)
                .send(Sends.text(
                        "to ourselves", new ConversationAddress("default", "twilio", Sends.ADDRESS.customer(), INBOX)));
        twilio.inboundParameters(MARIA, "whatsapp:+1", "to another");
        twilio.inboundParameters(MARIA, INBOX, "oi");

        assertThat(received()).extracting(message -> message.content().text()).containsExactly("oi");
    }

    @Test
    void only_what_came_in_that_time_is_among_them() {
        twilio.inboundParameters(MARIA, INBOX, "oi");

        assertThat(missed.receivedAt(INBOX, AN_HOUR_AGO, AN_HOUR_AGO.plusSeconds(60)))
                .isEmpty();
        assertThat(missed.receivedAt(INBOX, SOON, SOON.plusSeconds(60))).isEmpty();
    }

    @Test
    void a_twilio_that_does_not_answer_is_named_and_nothing_is_returned_in_part() {
        twilio.inboundParameters(MARIA, INBOX, "oi");
        for (Answer answer : List.of(Answer.status(503), Answer.unreadable201(), Answer.cutBeforeAcceptance())) {
            twilio.listsAlways(answer);

            assertThatThrownBy(this::received)
                    .isInstanceOf(HandoffException.class)
                    .hasMessageContaining(INBOX)
                    .hasMessageContaining("Ask again later");
        }
    }

    private List<InboundMessage> received() {
        return missed.receivedAt(INBOX, AN_HOUR_AGO, SOON);
    }
}
