package dev.handoff.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handoff.channel.Channel;
import dev.handoff.channel.DeliveryStatus;
import dev.handoff.channel.DeliveryUpdate;
import dev.handoff.channel.LookupResult;
import dev.handoff.channel.OutboundMessage;
import dev.handoff.channel.SendResult;
import dev.handoff.model.Content;
import dev.handoff.testkit.ChannelContract;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FakeChannelTest extends ChannelContract {
    private FakeChannel fake;

    @Override
    protected Channel newChannel() {
        fake = new FakeChannel("fake");
        return fake;
    }

    @Override
    protected void providerWill(ProviderBehaviour behaviour) {
        switch (behaviour) {
            case ACCEPTS -> {}
            case ASKS_TO_WAIT -> fake.nextSend(SendResult.Retry.because("too many requests"));
            case REFUSES -> fake.nextSend(new SendResult.Permanent("no such recipient"));
            case WANTS_A_TEMPLATE -> fake.nextSend(new SendResult.NeedsTemplate("outside the session window"));
            case ACCEPTS_AND_CUTS, ACCEPTS_UNREADABLY, ACCEPTS_AND_IS_SILENT -> fake.nextSendIsCut();
            case BREAKS, IS_AWAY -> fake.nextSend(new SendResult.Unknown("503"));
        }
    }

    @Override
    protected int sendsReceived() {
        return fake.sends().size();
    }

    @Override
    protected void nextLookUpBreaks() {
        fake.nextLookUp(new LookupResult.Unclear("503"));
    }

    @Test
    void a_customer_hears_what_reached_them_in_order_and_nothing_else() {
        fake.nextSend(new SendResult.Sent("p1"))
                .nextSend(SendResult.Retry.because("busy"))
                .nextSendIsCut();

        fake.send(message("one"));
        fake.send(message("not sent"));
        fake.send(message("two"));
        fake.send(message("three"));

        assertThat(fake.heardBy(address().customer())).containsExactly("one", "two", "three");
        assertThat(fake.heardBy("somebody else")).isEmpty();
        assertThat(fake.sends()).hasSize(4);
    }

    @Test
    void a_send_is_held_open_until_its_gate_is_opened() throws Exception {
        OutboundMessage message = message("slow");
        CompletableFuture<SendResult> send;
        try (Gate gate = fake.holdSends()) {
            send = CompletableFuture.supplyAsync(() -> fake.send(message));
            gate.awaitHeld();
            assertThat(fake.sends()).containsExactly(message);
            assertThat(fake.heardBy(address().customer())).isEmpty();
        }

        assertThat(send.get(10, TimeUnit.SECONDS)).isInstanceOf(SendResult.Sent.class);
        assertThat(fake.heardBy(address().customer())).containsExactly("slow");
    }

    @Test
    void an_exception_can_be_scripted_although_no_channel_should_throw_one() {
        fake.nextSendThrows(new IllegalStateException("a channel with a bug"));

        assertThatThrownBy(() -> fake.send(message("hello"))).hasMessage("a channel with a bug");
    }

    @Test
    void it_reports_on_what_reached_the_provider() {
        OutboundMessage sent = message("one");
        fake.nextSend(new SendResult.Sent("p1"));
        fake.send(sent);

        DeliveryUpdate update = fake.report(sent, DeliveryStatus.DELIVERED);

        assertThat(update.providerMessageId()).isEqualTo("p1");
        assertThat(update.attemptToken()).isEqualTo(sent.attemptToken());
        assertThat(update.message()).isEqualTo(sent.id());
        assertThat(update.channel()).isEqualTo("fake");
        assertThatThrownBy(() -> fake.report(message("never sent"), DeliveryStatus.SENT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void it_refuses_when_it_is_told_to() {
        fake.refuseAll("only templates now");
        assertThat(fake.refuses(address(), Content.text("hello"), null, now())).contains("only templates now");

        fake.refuseAll(null);
        assertThat(fake.refuses(address(), Content.text("hello"), null, now())).isEmpty();
    }
}
