package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.LookupResult.Found;
import dev.handoff.channel.LookupResult.NotFound;
import dev.handoff.channel.LookupResult.Unclear;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.Media;
import dev.handoff.model.Template;
import dev.handoff.twilio.testing.Answer;
import dev.handoff.twilio.testing.FakeTwilio;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageLookupTest {

    private final FakeTwilio twilio = FakeTwilio.start();
    private final TwilioChannel channel =
            TwilioChannel.of(Sends.settings(twilio).build());

    @AfterEach
    void stop() {
        twilio.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"oi", " oi \n", "null", " "})
    void a_send_that_was_cut_after_acceptance_is_found_while_still_queued(String text) {
        List<Media> files = text.isBlank() ? List.of(new Media("https://a.example/1", null)) : List.of();
        OutboundMessage lost = lost(Sends.of(new Content(text, files, null)), Answer.cutAfterAcceptance());

        assertThat(channel.lookUp(lost, Set.of())).isEqualTo(new Found(sid(0), DeliveryStatus.QUEUED));
    }

    @Test
    void a_send_that_has_left_the_queue_is_found_by_its_date() {
        OutboundMessage lost = lost(Sends.text("oi"), Answer.unreadable201());
        twilio.becomes(sid(0), "delivered", null);

        assertThat(channel.lookUp(lost, Set.of())).isEqualTo(new Found(sid(0), DeliveryStatus.DELIVERED));
        assertThat(twilio.requests()).hasSize(2);
    }

    @Test
    void a_send_that_never_arrived_is_not_found() {
        channel.send(Sends.text("another text"));
        OutboundMessage lost = lost(Sends.text("oi"), Answer.html502());

        assertThat(channel.lookUp(lost, Set.of())).isEqualTo(new NotFound());
    }

    @Test
    void a_message_that_is_known_to_be_another_is_not_taken_for_this_one() {
        channel.send(Sends.text("oi"));
        OutboundMessage lost = lost(Sends.text("oi"), Answer.cutBeforeAcceptance());

        assertThat(channel.lookUp(lost, Set.of(sid(0)))).isEqualTo(new NotFound());
        assertThat(channel.lookUp(lost, Set.of())).isInstanceOf(Found.class);
    }

    @Test
    void the_same_text_to_another_customer_from_another_inbox_or_by_the_customer_does_not_count() {
        channel.send(
                Sends.text("oi", new ConversationAddress("default", "twilio", Sends.ADDRESS.inbox(), "whatsapp:+2")));
        channel.send(Sends.text(
                "oi", new ConversationAddress("default", "twilio", "whatsapp:+3", Sends.ADDRESS.customer())));
        twilio.inboundParameters(Sends.ADDRESS.inbox(), Sends.ADDRESS.customer(), "oi");
        OutboundMessage lost = lost(Sends.text("oi"), Answer.cutBeforeAcceptance());

        assertThat(channel.lookUp(lost, Set.of())).isEqualTo(new NotFound());
    }

    @Test
    void the_same_text_with_other_files_does_not_count() {
        channel.send(Sends.of(new Content("oi", List.of(new Media("https://a.example/1", null)), null)));
        OutboundMessage lost = lost(Sends.text("oi"), Answer.cutBeforeAcceptance());

        assertThat(channel.lookUp(lost, Set.of())).isEqualTo(new NotFound());
    }

    @Test
    void what_was_sent_long_before_the_attempt_does_not_count() {
        channel.send(Sends.text("oi"));
        OutboundMessage later =
                Sends.of(Content.text("oi"), Sends.ADDRESS, Instant.now().plusSeconds(3_600));

        assertThat(channel.lookUp(later, Set.of())).isEqualTo(new NotFound());
    }

    @Test
    void behind_a_messaging_service_the_sender_is_not_known_yet() {
        OutboundMessage lost = lost(Sends.text("oi", Sends.from(Sends.SERVICE)), Answer.cutAfterAcceptance());

        assertThat(channel.lookUp(lost, Set.of())).isEqualTo(new Found(sid(0), DeliveryStatus.ACCEPTED));
    }

    @Test
    void of_two_copies_the_older_is_taken() {
        channel.send(Sends.text("oi"));
        OutboundMessage lost = lost(Sends.text("oi"), Answer.cutAfterAcceptance());

        assertThat(channel.lookUp(lost, Set.of())).isEqualTo(new Found(sid(0), DeliveryStatus.QUEUED));
    }

    @Test
    void a_long_list_is_read_page_by_page() {
        OutboundMessage lost = lost(Sends.text("oi"), Answer.cutAfterAcceptance());
        for (int i = 0; i < 120; i++) {
            channel.send(Sends.text("other " + i));
        }

        assertThat(channel.lookUp(lost, Set.of())).isEqualTo(new Found(sid(0), DeliveryStatus.QUEUED));
    }

    @Test
    void a_list_that_is_too_long_decides_nothing() {
        OutboundMessage lost = lost(Sends.text("oi"), Answer.cutAfterAcceptance());
        for (int i = 0; i < 300; i++) {
            channel.send(Sends.text("other " + i));
        }

        assertThat(channel.lookUp(lost, Set.of())).isInstanceOf(Unclear.class);
    }

    @Test
    void a_template_cannot_be_recognised_so_that_a_candidate_decides_nothing() {
        Content template = new Content(null, List.of(), new Template("HX123", Map.of()));

        OutboundMessage never = lost(Sends.of(template), Answer.cutBeforeAcceptance());
        assertThat(channel.lookUp(never, Set.of())).isEqualTo(new NotFound());

        OutboundMessage perhaps = lost(Sends.of(template), Answer.cutAfterAcceptance());
        assertThat(channel.lookUp(perhaps, Set.of())).isInstanceOf(Unclear.class);
    }

    @Test
    void a_twilio_that_cannot_be_asked_decides_nothing() {
        OutboundMessage lost = lost(Sends.text("oi"), Answer.cutAfterAcceptance());
        twilio.close();

        assertThat(channel.lookUp(lost, Set.of())).isInstanceOf(Unclear.class);
    }

    @Test
    void all_listings_of_a_lookup_together_end_within_the_time_of_one_send() {
        OutboundMessage lost = lost(Sends.text("oi"), Answer.cutAfterAcceptance());
        twilio.listsAlways(Answer.accepted().after(Duration.ofMillis(550)));
        TwilioChannel impatient = TwilioChannel.of(Sends.settings(twilio)
                .connectTimeout(Duration.ofMillis(100))
                .readTimeout(Duration.ofMillis(600))
                .build());

        assertThat(impatient.lookUp(lost, Set.of())).isInstanceOf(Unclear.class);
    }

    @Test
    void a_list_that_breaks_off_decides_nothing_and_what_customers_wrote_is_not_told() {
        channel.send(Sends.text("my secret"));
        twilio.becomes(sid(0), "sent", null);
        OutboundMessage lost = lost(Sends.text("oi"), Answer.cutBeforeAcceptance());
        twilio.listsAlways(Answer.unreadable201());

        assertThat(channel.lookUp(lost, Set.of()))
                .isInstanceOfSatisfying(
                        Unclear.class,
                        unclear -> assertThat(unclear.reason())
                                .contains("Twilio could not be asked")
                                .doesNotContain("secret"));
    }

    @Test
    void a_list_that_twilio_refuses_decides_nothing() {
        OutboundMessage lost = lost(Sends.text("oi"), Answer.cutBeforeAcceptance());

        for (Answer refusal :
                List.of(Answer.status(500), Answer.status(429), Answer.html502(), Answer.error(200, 0, ""))) {
            twilio.listsAlways(refusal);
            assertThat(channel.lookUp(lost, Set.of())).isInstanceOf(Unclear.class);
        }
    }

    private OutboundMessage lost(OutboundMessage message, Answer answer) {
        twilio.answersTo(message.address().customer(), answer);
        assertThat(channel.send(message)).isInstanceOf(SendResult.Unknown.class);
        return message;
    }

    private String sid(int index) {
        return twilio.messages().get(index).sid();
    }
}
