package dev.handoff;

import static dev.handoff.policy.Deadlines.thenRelease;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.bot.BotReply;
import dev.handoff.channel.SendResult;
import dev.handoff.machine.CommandResult;
import dev.handoff.machine.Rejection;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationId;
import dev.handoff.model.Delivery;
import dev.handoff.model.Event;
import dev.handoff.model.EventType;
import dev.handoff.model.Message;
import dev.handoff.model.Template;
import dev.handoff.policy.Deadlines;
import dev.handoff.policy.HandoffPolicies;
import dev.handoff.policy.Notices;
import dev.handoff.testing.FakeAgent;
import dev.handoff.testing.FakeCustomer;
import dev.handoff.testing.HandoffTestKit;
import dev.handoff.testing.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A channel takes free text for a day after the customer's last message, as WhatsApp does. */
class SessionWindowTest {
    private static final Duration DAY = Duration.ofHours(24);

    private final HandoffTestKit kit = HandoffTestKit.configured(builder -> builder.bot(turn -> BotReply.text("oi"))
            .policy(HandoffPolicies.customerAsksForHuman())
            .notices(Notices.off())
            .deadlines(Deadlines.defaults()
                    .waiting(Duration.ofDays(30), thenRelease())
                    .agentSilent(Duration.ofDays(30), thenRelease())));
    private final FakeCustomer maria = kit.customer("maria");
    private final FakeAgent ana = kit.agent("ana");

    @BeforeEach
    void window() {
        kit.channel().takesFreeTextFor(DAY);
    }

    @AfterEach
    void close() {
        kit.close();
    }

    @Test
    void those_who_hold_a_conversation_are_warned_once_an_hour_before_its_window_closes() {
        maria.says("oi");
        ana.takesOver(maria);
        kit.advance(DAY.minusHours(1).minusSeconds(1));
        assertThat(warnings()).isEmpty();

        kit.advance(Duration.ofSeconds(1));

        assertThat(warnings()).hasSize(1);
        assertThat(warnings().get(0).data())
                .containsEntry("at", ManualTime.START.plus(DAY).toString());
        assertThat(warnings().get(0).at()).isEqualTo(ManualTime.START.plus(DAY).minus(Duration.ofHours(1)));
        kit.advance(Duration.ofHours(30));
        assertThat(warnings()).hasSize(1);
    }

    @Test
    void what_people_do_meanwhile_neither_loses_nor_repeats_the_warning() {
        maria.says("oi");
        ana.takesOver(maria);
        kit.advance(Duration.ofHours(22));
        ana.says("ainda estou a ver");
        kit.advance(Duration.ofHours(1));
        ana.says("só mais um momento");
        kit.advance(Duration.ofMinutes(30));

        assertThat(warnings()).hasSize(1);
    }

    @Test
    void a_customer_who_writes_opens_the_window_anew_and_the_next_end_is_warned_of_too() {
        maria.says("oi");
        ana.takesOver(maria);
        kit.advance(Duration.ofHours(23));
        maria.says("ainda aí?");
        kit.advance(Duration.ofHours(22));
        assertThat(warnings()).hasSize(1);

        kit.advance(Duration.ofHours(1));

        assertThat(warnings()).hasSize(2);
    }

    @Test
    void whoever_comes_to_a_conversation_in_its_last_hour_is_warned_at_once() {
        maria.says("oi");
        kit.advance(DAY.minusMinutes(10));
        assertThat(warnings()).as("a bot needs no warning").isEmpty();

        ana.takesOver(maria);
        kit.settle();

        assertThat(warnings()).hasSize(1);
    }

    @Test
    void a_conversation_that_waits_for_people_is_warned_of_and_one_that_the_bot_has_got_back_is_not() {
        maria.says("um humano, por favor");
        FakeCustomer joao = kit.customer("joão");
        joao.says("oi");
        ana.takesOver(joao).releases();

        kit.advance(DAY.minusHours(1));

        assertThat(warnings()).extracting(Event::conversation).containsExactly(conversationOf(maria));
    }

    @Test
    void once_it_has_closed_free_text_is_refused_with_what_to_do_and_a_template_goes() {
        maria.says("oi");
        ana.takesOver(maria);
        kit.advance(DAY);
        ConversationId id = conversationOf(maria);

        CommandResult refused = ana.desk().reply(id, Content.text("ainda aí?"));

        assertThat(refused)
                .isInstanceOfSatisfying(
                        CommandResult.Refused.class,
                        it -> assertThat(it.reason())
                                .isInstanceOfSatisfying(
                                        Rejection.BadContent.class,
                                        reason -> assertThat(reason.toString()).contains("template")));
        Template template = new Template("HX1", Map.of("1", "Maria"));
        ana.desk().reply(id, new Content(null, List.of(), template)).orThrow();
        kit.settle();
        assertThat(said(id)).extracting(Message::delivery).containsOnly(Delivery.SENT);
        maria.says("sim!");
        ana.desk().reply(id, Content.text("que bom")).orThrow();
    }

    @Test
    void a_message_that_outlives_the_window_while_it_waits_is_surfaced_and_not_sent() {
        maria.says("oi");
        ana.takesOver(maria);
        kit.advance(DAY.minusHours(1));
        kit.channel().nextSend(new SendResult.Retry("busy", Duration.ofHours(2), false));
        ana.says("quase lá");
        ConversationId id = conversationOf(maria);
        ana.desk()
                .reply(id, new Content(null, List.of(), new Template("HX1", Map.of())))
                .orThrow();
        int sends = kit.channel().sends().size();

        kit.advance(Duration.ofHours(3));

        Message late = said(id).get(1);
        assertThat(late.delivery()).isEqualTo(Delivery.FAILED);
        assertThat(late.error())
                .isEqualTo("needs an approved template: the channel's session window closed at "
                        + ManualTime.START.plus(DAY));
        assertThat(kit.handoff().deadLetters("default", 10))
                .extracting(Message::id)
                .containsExactly(late.id());
        assertThat(kit.channel().sends()).as("the template alone").hasSize(sends + 1);
    }

    @Test
    void a_channel_without_a_window_is_untouched() {
        kit.channel().takesFreeTextFor(null);
        maria.says("oi");
        ana.takesOver(maria);

        kit.advance(Duration.ofDays(3));

        assertThat(warnings()).isEmpty();
        ana.desk().reply(conversationOf(maria), Content.text("oi")).orThrow();
    }

    private List<Event> warnings() {
        return kit.handoff().feed("default", 0, 1_000).stream()
                .map(entry -> entry.event())
                .filter(event -> event.type() == EventType.SESSION_WINDOW_WARNING)
                .toList();
    }

    private ConversationId conversationOf(FakeCustomer customer) {
        return customer.conversation().id();
    }

    private List<Message> said(ConversationId id) {
        return kit.handoff().history().messages(id, 0, 100).stream()
                .filter(message -> message.delivery() != null)
                .toList();
    }
}
