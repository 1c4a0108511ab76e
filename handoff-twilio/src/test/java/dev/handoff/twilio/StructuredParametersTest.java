package dev.handoff.twilio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.Handoff;
import dev.handoff.bot.BotReply;
import dev.handoff.channel.InboundMessage;
import dev.handoff.memory.InMemoryConversationStore;
import dev.handoff.model.Content;
import dev.handoff.model.Message;
import dev.handoff.model.Structured;
import dev.handoff.model.Structured.Choice;
import dev.handoff.model.Structured.Form;
import dev.handoff.model.Structured.Location;
import dev.handoff.model.Structured.Referral;
import dev.handoff.model.Structured.Reply;
import dev.handoff.twilio.testing.FakeTwilio;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class StructuredParametersTest {
    private static final Location MASP = new Location(-23.561399, -46.656178, "MASP", "Av. Paulista, 1578, São Paulo");

    @Test
    void a_button_is_a_choice_with_its_id_and_the_message_that_offered_it() {
        InboundMessage message = received("wa-button-interactive");

        assertThat(structured(message))
                .containsExactly(new Choice("{confirm:1}", "Konfirmasi", "MMec0784b781921bc78b5d359b75ef2ea1"));
        assertThat(message.content().text()).isEqualTo("Konfirmasi");
    }

    @Test
    void a_row_of_a_list_is_a_choice_too() {
        assertThat(StructuredParameters.in(
                        Map.of("Body", "Segunda via", "ListId", "invoice", "ListTitle", "Segunda via")))
                .containsExactly(new Choice("invoice", "Segunda via", null));
    }

    @Test
    void a_pin_is_a_place() {
        assertThat(structured(received("wa-location"))).containsExactly(MASP);
    }

    @ParameterizedTest
    @CsvSource({"abc,1", "1,abc", "'',''", "91,0", "0,181", "NaN,0", "1e2,0", "0x1p3,0", "1,", "-,1"})
    void a_place_that_is_nowhere_is_no_place_and_fails_no_webhook(String latitude, String longitude) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("Latitude", latitude);
        if (longitude != null) {
            parameters.put("Longitude", longitude);
        }
        parameters.put("Label", "nowhere");

        assertThat(StructuredParameters.in(parameters)).isEmpty();
    }

    @Test
    void a_form_is_kept_as_it_came() {
        assertThat(StructuredParameters.in(Map.of("InteractiveData", "{\"date\":")))
                .containsExactly(new Form("{\"date\":"));
    }

    @Test
    void a_quotation_names_the_message_that_it_answers() {
        assertThat(structured(received("wa-reply-to")))
                .containsExactly(new Reply("MM8e3b5272d2e0047f8531683dbcddf292"));
    }

    @Test
    void an_advertisement_that_brought_the_customer_is_named() {
        assertThat(structured(received("wa-click-to-whatsapp-ad")))
                .containsExactly(new Referral(
                        "118588094077142",
                        "https://fb.me/xyz123",
                        "Send us a message",
                        "Learn more about our company by sending us a message on WhatsApp"));
    }

    @Test
    void an_ordinary_message_has_nothing_structured() {
        assertThat(structured(received("wa-text"))).isEmpty();
        assertThat(structured(received("mms-three-media"))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.handoff.twilio.Payloads#inbound")
    void nothing_that_twilio_delivered_is_lost_by_it(Payloads.Payload payload) {
        assertThat(received(payload.name()).fields()).containsAllEntriesOf(payload.params());
    }

    @Test
    void the_bot_sees_it_in_its_turn_and_a_place_has_words() {
        List<Message> seen = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        try (FakeTwilio twilio = FakeTwilio.start();
                Handoff handoff = Handoff.builder()
                        .store(new InMemoryConversationStore(Instant::now))
                        .channel(TwilioChannel.of(Sends.settings(twilio).build()))
                        .bot(turn -> {
                            seen.addAll(turn.unanswered());
                            texts.add(turn.text());
                            return BotReply.silence();
                        })
                        .build()) {
            handoff.receive(received("wa-location"));
            handoff.runBotTurnsOnce();
            handoff.receive(received("wa-button-interactive"));
            handoff.runBotTurnsOnce();
        }

        assertThat(seen.get(0).structured()).containsExactly(MASP);
        assertThat(seen.get(1).structured()).hasOnlyElementsOfType(Choice.class);
        assertThat(texts).containsExactly("MASP, Av. Paulista, 1578, São Paulo (-23.561399, -46.656178)", "Konfirmasi");
        assertThat(seen.get(0).content()).isEqualTo(Content.text(""));
    }

    private static List<Structured> structured(InboundMessage message) {
        return Structured.in(message.fields());
    }

    private static InboundMessage received(String name) {
        TwilioWebhooks webhooks = TwilioWebhooks.of(TwilioSettings.builder()
                .accountSid(Payloads.ACCOUNT)
                .authTokens(Payloads.TOKEN)
                .publicUrl("https://bot.example.com")
                .build());
        return ((TwilioWebhook.Inbound)
                        webhooks.verifyAndParse(Payloads.named(name).request()))
                .message();
    }
}
