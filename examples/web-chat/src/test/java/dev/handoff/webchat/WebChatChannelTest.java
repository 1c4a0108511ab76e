package dev.handoff.webchat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handoff.channel.Channel;
import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.model.ConversationAddress;
import dev.handoff.model.Media;
import dev.handoff.model.MessageOwner;
import dev.handoff.model.Template;
import dev.handoff.model.Tenant;
import dev.handoff.testkit.ChannelContract;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.jdbcx.JdbcDataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** Its provider is a database; what a database can do to a client is done to it. */
class WebChatChannelTest extends ChannelContract {
    private static final Visitor MARIA = visitor("m");
    private static final Visitor STRANGER = visitor("s");

    private final AtomicLong nanos = new AtomicLong();
    private final List<Visitor> woken = new ArrayList<>();
    private TroubledDatabase troubled;
    private Jdbi jdbi;
    private Mailbox mailbox;
    private boolean nextIsForAStranger;

    @Override
    protected Channel newChannel() {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=500");
        jdbi = Jdbi.create(h2);
        new Mailbox(jdbi).migrate();
        jdbi.useTransaction(handle -> new Mailbox(jdbi)
                .put(handle, MARIA, new Said("c.1", null, "first-message", MessageOwner.CUSTOMER, "oi", now())));
        troubled = new TroubledDatabase(h2);
        mailbox = new Mailbox(jdbi);
        return new WebChatChannel(Jdbi.create(troubled), mailbox, woken::add, nanos::get);
    }

    @Override
    protected void providerWill(ProviderBehaviour behaviour) {
        switch (behaviour) {
            case ASKS_TO_WAIT -> troubled.next(TroubledDatabase.Trouble.LOCK_TIMES_OUT);
            case REFUSES -> nextIsForAStranger = true;
            case ACCEPTS_AND_CUTS -> troubled.next(TroubledDatabase.Trouble.COMMITS_AND_CUTS);
            case ACCEPTS_AND_IS_SILENT -> troubled.next(TroubledDatabase.Trouble.COMMITS_AND_IS_SILENT);
            case BREAKS -> troubled.next(TroubledDatabase.Trouble.CUTS_BEFORE_THE_COMMIT);
            case IS_AWAY -> troubled.next(TroubledDatabase.Trouble.IS_AWAY);
            case ACCEPTS, WANTS_A_TEMPLATE, ACCEPTS_UNREADABLY -> {}
        }
    }

    /** There are no templates, and a database's answer to a commit has nothing in it to be read. */
    @Override
    protected boolean providerCan(ProviderBehaviour behaviour) {
        return behaviour != ProviderBehaviour.WANTS_A_TEMPLATE && behaviour != ProviderBehaviour.ACCEPTS_UNREADABLY;
    }

    @Override
    protected int sendsReceived() {
        return troubled.asked();
    }

    @Override
    protected void nextLookUpBreaks() {
        troubled.next(TroubledDatabase.Trouble.IS_AWAY);
    }

    @Override
    protected ConversationAddress address() {
        Visitor visitor = nextIsForAStranger ? STRANGER : MARIA;
        nextIsForAStranger = false;
        return new ConversationAddress(Tenant.DEFAULT, WebChatChannel.NAME, "web:site", visitor.address());
    }

    @Test
    void I4_a_message_that_is_tried_again_after_an_unknown_outcome_is_in_the_mailbox_once() {
        OutboundMessage first = message("only once");
        providerWill(ProviderBehaviour.ACCEPTS_AND_CUTS);
        assertThat(channel().send(first)).isInstanceOf(SendResult.Unknown.class);

        SendResult again = channel().send(nextAttempt(first));

        assertThat(again).isEqualTo(new SendResult.Sent(first.id().text()));
        assertThat(mailboxOfMaria()).containsExactly("oi", "only once");
    }

    @Test
    void what_a_look_up_does_not_find_was_not_sent_and_is_not_there_later() {
        OutboundMessage message = message("lost");
        providerWill(ProviderBehaviour.BREAKS);
        channel().send(message);

        assertThat(channel().lookUp(message, Set.of())).isEqualTo(new LookupResult.NotFound());
        assertThat(mailboxOfMaria()).containsExactly("oi");
    }

    @Test
    void a_look_up_does_not_answer_while_a_send_is_under_way() {
        jdbi.useTransaction(handle -> {
            mailbox.lock(handle, MARIA);

            assertThat(channel().lookUp(message("being sent"), Set.of())).isInstanceOf(LookupResult.Unclear.class);
        });
    }

    @Test
    void a_send_that_was_paused_on_its_way_is_given_up_for_a_look_up_may_have_answered() {
        WebChatChannel paused = new WebChatChannel(
                jdbi,
                mailbox,
                woken::add,
                () -> nanos.getAndAdd(Duration.ofSeconds(20).toNanos()));

        assertThat(paused.send(message("late"))).isInstanceOf(SendResult.Retry.class);
        assertThat(mailboxOfMaria()).containsExactly("oi");
    }

    @Test
    void a_look_up_says_how_far_the_message_has_come() {
        OutboundMessage message = message("read me");
        channel().send(message);
        mailbox.shown(MARIA, 2, false);
        assertThat(channel().lookUp(message, Set.of()))
                .isEqualTo(new LookupResult.Found(message.id().text(), DeliveryStatus.DELIVERED));

        mailbox.shown(MARIA, 2, true);

        assertThat(channel().lookUp(message, Set.of()))
                .isEqualTo(new LookupResult.Found(message.id().text(), DeliveryStatus.READ));
    }

    @Test
    void whoever_is_connected_is_told_once_the_message_is_there() {
        channel().send(message("hello"));

        assertThat(woken).containsExactly(MARIA);
    }

    @Test
    void what_web_chat_does_not_carry_is_refused_with_what_to_do_instead_and_never_sent() {
        Content media = new Content("foto", List.of(new Media("https://a.example/1.jpg", "image/jpeg")), null);
        Content template = new Content(null, List.of(), new Template("HX1", Map.of()));

        assertThat(refusal(media)).contains("put a link to the file into the text");
        assertThat(refusal(template)).contains("send the text itself");
        assertThat(refusal(Content.text(" \n"))).contains("give it a text");
        assertThat(refusal(Content.text("x".repeat(channel().maxTextLength() + 1))))
                .contains("several messages");
        OutboundMessage hello = message("hello");
        assertThat(channel().send(with(hello, media))).isInstanceOf(SendResult.Permanent.class);
        assertThat(mailboxOfMaria()).containsExactly("oi");
    }

    @Test
    void there_is_no_window_after_which_nothing_may_be_sent() {
        assertThat(channel().refuses(address(), Content.text("oi"), null, now()))
                .isEmpty();
        assertThat(channel().refuses(address(), Content.text("oi"), now().minus(Duration.ofDays(90)), now()))
                .isEmpty();
    }

    @Test
    void an_address_that_no_visitor_has_is_refused() {
        ConversationAddress phone =
                new ConversationAddress(Tenant.DEFAULT, WebChatChannel.NAME, "web:site", "whatsapp:+5511987654321");

        assertThat(channel().refuses(phone, Content.text("oi"), null, now()))
                .hasValueSatisfying(why -> assertThat(why).contains("visitors write first"));
    }

    @Test
    void I12_another_tenants_mailbox_is_another() {
        Visitor namesake = new Visitor("other", MARIA.address());
        jdbi.useTransaction(handle -> mailbox.put(
                handle, namesake, new Said("d.1", null, "first-message", MessageOwner.CUSTOMER, "hi", now())));

        channel().send(message("for the default tenant"));

        assertThat(mailbox.after(namesake, 0, 10)).hasSize(1);
        assertThat(mailbox.lastPlaces("other", List.of(MARIA.address())))
                .containsExactly(Map.entry(MARIA.address(), 1L));
    }

    private String refusal(Content content) {
        return channel().refuses(address(), content, now(), now()).orElse("");
    }

    private List<String> mailboxOfMaria() {
        return mailbox.after(MARIA, 0, 100).stream()
                .map(placed -> placed.said().text())
                .toList();
    }

    private static OutboundMessage nextAttempt(OutboundMessage message) {
        return new OutboundMessage(
                message.id(),
                UUID.randomUUID(),
                message.attempt() + 1,
                message.address(),
                message.owner(),
                message.content(),
                Instant.parse("2030-01-15T12:01:00Z"));
    }

    private static OutboundMessage with(OutboundMessage message, Content content) {
        return new OutboundMessage(
                message.id(),
                message.attemptToken(),
                message.attempt(),
                message.address(),
                message.owner(),
                content,
                message.attemptedAt());
    }

    private static Visitor visitor(String letter) {
        return Visitor.withSecret(Tenant.DEFAULT, letter.repeat(43)).orElseThrow();
    }
}
